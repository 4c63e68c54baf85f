/** Whole-word masking: whole words, the share, and the key that decides. */
import t from 'tap';
import { key } from '../../../../lib/random/index.js';
import { maskWords } from '../../../../lib/train/index.js';

const encode = (text: string) => [...text].map((c) => c.charCodeAt(0));
const options = { isSeparator: (id: number) => id === 32, maskId: 95 };
const show = (ids: ArrayLike<number>) => String.fromCharCode(...Array.from(ids));

t.test('words are masked whole, and 15 % of the letters', async (t) => {
  const text = 'the quick brown fox jumps over the lazy dog and runs far away from all of it';
  const letters = text.replaceAll(' ', '').length;
  const seen = new Set<string>();
  for (let seed = 0; seed < 40; seed++) {
    const { ids, isMasked } = maskWords(encode(text), key(seed), options);
    const shown = show(ids.data);
    seen.add(shown);
    const [words, masked] = [text.split(' '), shown.split(' ')];
    t.equal(masked.length, words.length);
    masked.forEach((word, i) => t.ok(word === words[i] || word === '_'.repeat(words[i].length), word));
    const count = isMasked.data.reduce((a, b) => a + b, 0);
    t.ok(count > 0 && count <= Math.max(5, Math.round(0.15 * letters)), `${count} of ${letters}`);
    t.same(
      [...isMasked.data],
      [...shown].map((c) => (c === '_' ? 1 : 0)),
    );
  }
  t.ok(seen.size > 10, 'another key, another mask');
  t.same(maskWords(encode(text), key(3), options), maskWords(encode(text), key(3), options));
});

t.test('a text of one word is masked, one of none is not, and a share of 1 masks all', async (t) => {
  t.equal(show(maskWords(encode('hello'), key(0), options).ids.data), '_____');
  t.equal(show(maskWords(encode('   '), key(0), options).ids.data), '   ');
  t.equal(show(maskWords(encode('ab c'), key(0), { ...options, share: 1 }).ids.data), '__ _');
  t.throws(() => maskWords([], key(0), { ...options, share: 0 }), /share is 0, expected a number above 0/);
});

t.test('a token that begins a word ends the one before', (t) => {
  const beginsWord = (id: number) => show([id]) === show([id]).toUpperCase();
  for (let seed = 0; seed < 8; seed++) {
    const { ids } = maskWords(encode('TheQuickFox'), key(seed), { ...options, beginsWord });
    t.match(show(ids.data), /^(___QuickFox|The_____Fox|TheQuick___)$/);
  }
  t.end();
});
