/** Texts with blanks: typed, clicked, and as the model takes them. */
import t from 'tap';
import { bytesTokenizer, specialTokens } from '../../../modules/bytesTokenizer.js';
import {
  bracketed,
  lettersOf,
  type MaskedText,
  numBytes,
  retyped,
  toggled,
  tokenize,
  typed,
  withoutBlanks,
  withRandomBlanks,
} from '../../../site/try/maskedText.js';

/** Letters, with a dot where one is blank. */
const show = (text: MaskedText): string => text.map((each) => (each.isBlank ? '.' : each.text)).join('');

t.test('brackets and underscores stand for blanks', async (t) => {
  t.equal(show(bracketed('a sm[a]ll [pl]_nt')), 'a sm.ll ...nt');
  t.equal(lettersOf(bracketed('a sm[a]ll')), 'a small');
  t.equal(show(typed('sm_ll')), 'sm.ll');
});

t.test('a blank is masked, byte by byte; other characters are their bytes', async (t) => {
  const { mask } = specialTokens;
  const { ids, spans } = tokenize(bracketed('aé[é]_b'));
  t.same(ids, [...bytesTokenizer.encode('aé'), mask, mask, mask, ...bytesTokenizer.encode('b')]);
  t.same(spans, [
    { start: 0, length: 1 },
    { start: 1, length: 2 },
    { start: 3, length: 2 },
    { start: 5, length: 1 },
    { start: 6, length: 1 },
  ]);
  t.equal(numBytes(typed('é€😀')), 9);
});

t.test('what is retyped leaves the blanks before and after it', async (t) => {
  const text = bracketed('a sm[a]ll pl[a]nt');
  t.equal(show(retyped(text, 'a smaller plant')), 'a sm.ller pl.nt');
  t.equal(show(retyped(text, 'a small')), 'a sm.ll');
  t.equal(show(retyped(text, 'the small plant')), 'the sm.ll pl.nt');
  t.equal(show(retyped(text, '')), '');
  t.equal(show(retyped([], 'new')), 'new');
  t.equal(show(retyped(bracketed('a[a]'), 'aaa')), 'a.a', 'letters that are alike are those from the start');
});

t.test('a letter is blank at a click and back at the next; an underscore stays', async (t) => {
  const once = toggled(typed('plant_'), 2);
  t.equal(show(once), 'pl.nt.');
  t.equal(show(toggled(once, 2)), 'plant.');
  t.equal(show(toggled(once, 5)), 'pl.nt.');
  t.equal(show(withoutBlanks(once)), 'plant.');
});

t.test('of letters at random one in seven, none beside another', async (t) => {
  let state = 1;
  const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
  const text = typed('a tree with white flowers and edible fruit: it is tall');
  for (let i = 0; i < 20; i++) {
    const blanks = withRandomBlanks(text, random);
    const at = blanks.flatMap(({ isBlank }, index) => (isBlank ? [index] : []));
    t.equal(at.length, 7, 'of 43 letters');
    t.ok(at.every((index, j) => /\p{L}/u.test(text[index].text) && (j === 0 || index - at[j - 1] > 1)));
  }
});
