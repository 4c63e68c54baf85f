/** From logits to what stands in blanks. */
import t from 'tap';
import { bytesTokenizer } from '../../../modules/bytesTokenizer.js';
import { fillBlanks, likeliest, nameOfByte } from '../../../site/try/guesses.js';
import { bracketed, tokenize } from '../../../site/try/maskedText.js';

const { vocabSize, encode } = bytesTokenizer;
const idOf = (character: string): number => encode(character)[0];

/** Logits that make certain bytes likely; `more` are the logarithms of how much likelier than any other byte. */
const logitsOf = (positions: readonly (readonly (readonly [id: number, more: number])[])[]): Float32Array => {
  const logits = new Float32Array(positions.length * vocabSize);
  positions.forEach((position, i) => position.forEach(([id, more]) => (logits[i * vocabSize + id] = more)));
  return logits;
};

t.test('the likeliest first, of bytes alone', async (t) => {
  const logits = logitsOf([
    [
      [3, 50],
      [idOf('b'), 10],
      [idOf('a'), 12],
    ],
  ]);
  t.same(
    likeliest(logits, 3).map(({ id }) => id),
    [idOf('a'), idOf('b'), 6],
    'a mask is no answer; among equals the lower id is first',
  );
});

t.test('each blank has its character, its likelihood and what else may stand there', async (t) => {
  const text = bracketed('[x]y[é]');
  const [first, second] = encode('ü');
  const filled = fillBlanks(
    text,
    tokenize(text),
    logitsOf([[[idOf('a'), 8]], [], [[first, 9]], [[second, 7]]]),
    2,
  );
  t.same(
    filled.map(({ index, text, guesses }) => [index, text, guesses.map((each) => each.length)]),
    [
      [0, 'a', [2]],
      [2, 'ü', [2, 2]],
    ],
  );
  const share = (more: number): number => Math.exp(more) / (Math.exp(more) + vocabSize - 1);
  t.ok(Math.abs(filled[0].probability - share(8)) < 1e-6);
  t.ok(Math.abs(filled[1].probability - share(9) * share(7)) < 1e-6, 'of both bytes together');
});

t.test('bytes are called by what people see', async (t) => {
  t.same([idOf('a'), idOf('~'), idOf(' '), idOf('\n'), 6, 6 + 195].map(nameOfByte), [
    'a',
    '~',
    'space',
    'new line',
    'byte 0',
    'byte 195',
  ]);
});
