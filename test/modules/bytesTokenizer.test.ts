import t from 'tap';
import * as fc from '../property.js';
import { bytesTokenizer, decode, encode, specialTokens, vocabSize } from '../../modules/bytesTokenizer.js';

t.test('bytes come after six special ids', async (t) => {
  t.same(specialTokens, { pad: 0, bos: 1, eos: 2, mask: 3, cls: 4, sep: 5 });
  t.equal(vocabSize, 262);
  t.same([...encode('hi')], [110, 111]);
  t.same([...encode('é')], [0xc3 + 6, 0xa9 + 6]);
  t.same([...encode(Uint8Array.of(0, 255))], [6, 261]);
  t.equal(bytesTokenizer.mask, 3);
});

t.test('decoding takes back what encoding did, for any text', async () => {
  const anyText = fc.string({ unit: 'binary', maxLength: 50 });
  fc.assert(fc.property(anyText, (text) => decode(encode(text)) === text));
});

t.test('every byte of every text has an id of its own in the vocabulary', async () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) =>
      [...encode(bytes)].every((id, i) => id - 6 === bytes[i] && id < 262),
    ),
  );
});

t.test('a byte order mark is a character like others', async (t) => {
  t.equal(decode(encode('\uFEFFa')), '\uFEFFa');
});

t.test('special ids are left out', async (t) => {
  t.equal(decode([4, ...encode('a'), 3, ...encode('b'), 5, 0, 0]), 'ab');
});

t.test('what is not UTF-8 is replaced', async (t) => {
  t.equal(decode([0xff + 6, ...encode('a')]), '\uFFFDa');
  t.equal(decode([0xe2 + 6, 0x82 + 6]), '\uFFFD');
  t.same([...encode('\uD800')], [...encode('\uFFFD')]);
});

t.test('ids outside of the vocabulary are errors', async (t) => {
  t.throws(() => decode([6, 262]), { message: 'id 262 at index 1 is not in a vocabulary of 262' });
  t.throws(() => decode([-1]), { name: 'RangeError' });
  t.throws(() => decode([6.5]), { name: 'RangeError' });
});
