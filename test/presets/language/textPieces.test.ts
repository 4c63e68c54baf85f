/** Pieces of a text to train a masked language model on: each has a word that can be masked. */
import t from 'tap';
import { key } from '../../../lib/index.js';
import { type MaskedPiece, textPieces } from '../../../presets/language/recipe/training.js';
import { bytesTokenizer } from '../../../modules/bytesTokenizer.js';

const words = 'the cat sat on a mat '.repeat(5); // 105 bytes
const masked = ({ isMasked }: MaskedPiece): number =>
  Array.from(isMasked.data, Number).reduce((a, b) => a + b);

t.test('a long blank stretch is left out, and no piece is without a masked word', async (t) => {
  const text = words + ' '.repeat(200) + words;
  for (const moves of [true, false]) {
    const { length, numBlank, at } = textPieces(text, 16, { moves });
    t.same([length, numBlank], [13, 12], '25 pieces of 16, of which those from 112 to 288 are blank');
    for (let i = 0; i < length; i++)
      for (let draw = 0; draw < 20; draw++) t.ok(masked(at(i, key(draw))) > 0, `piece ${i}, draw ${draw}`);
  }
});

t.test('a text of words is cut as it stands', async (t) => {
  const { length, numBlank, at } = textPieces(words, 16, { moves: false });
  t.same([length, numBlank], [6, 0]);
  t.same([...at(2, key(0)).targets.data], [...bytesTokenizer.encode(words.slice(32, 48))]);
});

t.test('a last word has a piece, and a text without one has none', async (t) => {
  const { length, numBlank, at } = textPieces(`${' '.repeat(40)}end`, 16, { moves: true });
  t.same([length, numBlank], [1, 2]);
  t.equal(masked(at(0, key(3))), 3);
  t.equal(textPieces(' \n '.repeat(20), 16, { moves: false }).length, 0);
});
