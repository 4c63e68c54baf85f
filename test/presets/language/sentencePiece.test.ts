/**
 * SentencePiece: ids are those of Google's library in Python, by a model trained with it on lines of README.md; texts are
 * filled in with pieces.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import * as E from 'fp-ts/lib/Either.js';
import { engine, key } from '../../../lib/index.js';
import { showInputError } from '../../../lib/data/inputError.js';
import { languageSentencepiece, sentencePiece, type SentencePieceTokenizer } from '../../../presets/index.js';
import { bytesTokenizer, type Tokenizer } from '../../../modules/index.js';
import { complaintOf, outputOf, renga } from '../../cli/run.js';

const file = 'test/presets/language/pieces/pieces.model';
const model = new Uint8Array(readFileSync(file));
const python = JSON.parse(readFileSync('test/presets/language/pieces/pieces.json', 'utf8')) as {
  readonly vocabulary: number;
  readonly mask: number;
  readonly cases: readonly { readonly text: string; readonly ids: number[]; readonly decoded: string }[];
};

const read = async (): Promise<SentencePieceTokenizer> => {
  const tokenizer = await sentencePiece(model)();
  if (E.isLeft(tokenizer)) throw new Error(showInputError(tokenizer.left));
  return tokenizer.right;
};

t.test("ids and texts are Python's", async (t) => {
  const tokenizer = await read();
  t.equal(tokenizer.vocabSize, python.vocabulary);
  t.equal(tokenizer.mask, python.mask);
  t.equal(tokenizer.pad, 0);
  for (const { text, ids, decoded } of python.cases) {
    t.same(Array.from(tokenizer.encode(text)), ids, JSON.stringify(text));
    t.equal(tokenizer.decode(ids), decoded, JSON.stringify(text));
  }
  t.throws(() => tokenizer.decode([1, 200]), { message: 'id 200 at index 1 is not in a vocabulary of 200' });
});

t.test('bytes and pieces are tokenizers alike', async (t) => {
  const tokenizers: readonly Tokenizer[] = [bytesTokenizer, await read()];
  for (const { encode, decode } of tokenizers) t.equal(decode(encode('a model')), 'a model');
});

t.test('ids that stand for no text are no pieces', async (t) => {
  const { piece, mask } = await read();
  t.same([0, 1, 2, 3, mask, 200].map(piece), [
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  t.equal(piece(5), '▁');
});

t.test('what is no model is refused in words', async (t) => {
  const complaint = async (bytes: Uint8Array, mask?: string) => {
    const found = await sentencePiece(bytes, { where: 'my.model', mask })();
    return E.isLeft(found) ? showInputError(found.left) : 'nothing';
  };
  const text = new TextEncoder().encode('not a model');
  t.match(
    await complaint(text),
    /my\.model: found 11 bytes of something else, expected a model of SentencePiece/,
  );
  t.match(await complaint(new Uint8Array()), /0 bytes/);
  t.match(await complaint(model.subarray(0, 1000)), /my\.model: found/);
  t.match(await complaint(model, '<mask>'), /no piece '<mask>'/);
});

t.test('blanks are filled with pieces', async (t) => {
  await engine();
  const tokenizer = await read();
  const small = languageSentencepiece(languageSentencepiece.small);
  const weights = small.init(key(1));
  const run = (text: string, of = tokenizer) => small.run(weights, { text, tokenizer: of, top: 2 })();
  const filled = await run('a _ of layers');
  if (E.isLeft(filled)) throw new Error(showInputError(filled.left));
  const [{ start, likeliest }] = filled.right.spans;
  t.equal(start, tokenizer.encode('a ').length);
  t.equal(likeliest[0].length, 2);
  t.ok(likeliest[0].every(({ piece }) => piece.length > 0));
  t.match(filled.right.text, /^a.* of layers$/);
  t.match(await run('a model'), { left: { found: 'no blank', expected: "a '_' for each missing piece" } });
  t.match(await run('_'.repeat(33)), { left: { found: '33 pieces', expected: 'at most 32' } });
  t.match(await run('_', { ...tokenizer, vocabSize: 201 }), { left: { found: '201 pieces' } });
});

t.test('renga fill-mask takes the model’s file', async (t) => {
  const folder = t.testdir({ 'small.json': JSON.stringify(languageSentencepiece.small) });
  const fill = (...args: string[]) =>
    renga(
      folder,
      ...['fill-mask', 'a _ of layers', '--preset', 'language-sentencepiece', '--seed', '1'],
      ...['--config', 'small.json', ...args],
    );
  t.match(
    outputOf(fill('--tokenizer', join(process.cwd(), file))),
    /^a.* of layers\n {2}piece \d+: \S+ [<\d]/,
  );
  t.match(complaintOf(fill()), /language-sentencepiece needs --tokenizer/);
});
