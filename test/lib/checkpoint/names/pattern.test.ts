/** Patterns of names: what they match, what they make, what is no pattern. */
import * as E from 'fp-ts/lib/Either.js';
import * as fc from '../../../property.js';
import t from 'tap';
import { parsePattern, type Pattern } from '../../../../lib/checkpoint/names/pattern.js';

const pattern = (text: string): Pattern => {
  const parsed = parsePattern(text);
  if (E.isLeft(parsed)) throw new Error(parsed.left);
  return parsed.right;
};

const match = (text: string, name: string): Record<string, string> | undefined => {
  const found = pattern(text).match(name);
  return found && Object.fromEntries(found);
};

t.test('text matches itself alone, whatever it means to an expression', async (t) => {
  t.same(match('a.b/~(c)*', 'a.b/~(c)*'), {});
  t.equal(match('a.b', 'aXb'), undefined);
  t.equal(match('a', 'ab'), undefined);
  t.equal(match('a', 'ba'), undefined);
});

t.test('a word ends at slashes and dots, the rest does not', async (t) => {
  t.same(match('net/{part}/w', 'net/linear_1/w'), { part: 'linear_1' });
  t.equal(match('net/{part}/w', 'net/a/b/w'), undefined);
  t.equal(match('net.{part}', 'net.a.b'), undefined);
  t.same(match('net/{rest...}', 'net/~/a.b/w'), { rest: '~/a.b/w' });
  t.equal(match('net/{rest...}', 'net/'), undefined, 'nothing is no rest');
});

t.test("Haiku's number is nothing for 0, and never written otherwise", async (t) => {
  t.same(match('layer{_i}/w', 'layer/w'), { i: '0' });
  t.same(match('layer{_i}/w', 'layer_12/w'), { i: '12' });
  t.equal(match('layer{_i}/w', 'layer_0/w'), undefined);
  t.equal(match('layer{_i}/w', 'layer_01/w'), undefined);
  t.same(match('layers.{#i}.w', 'layers.0.w'), { i: '0' });
  t.equal(match('layers.{#i}.w', 'layers.01.w'), undefined);
  t.equal(match('layers.{#i}.w', 'layers.x.w'), undefined);
});

t.test('the same number is filled in as each side writes it', async (t) => {
  const [haiku, torch] = [pattern('layer{_i}/w'), pattern('layers.{#i}.w')];
  for (const i of [0, 1, 10]) {
    const [ours, theirs] = [i === 0 ? 'layer/w' : `layer_${i}/w`, `layers.${i}.w`];
    t.equal(torch.fill(haiku.match(ours) ?? new Map()), theirs);
    t.equal(haiku.fill(torch.match(theirs) ?? new Map()), ours);
  }
});

t.test('what was filled in is found again', async () => {
  const word = fc.stringMatching(/^[a-z_0-9~]{1,8}$/);
  const number = fc.nat(1e6).map(String);
  const texts = ['{a}/{#i}', 'x.{a}{_i}.w', '{a}.{b...}', '{#i}-{b...}', 'k{_i}/{a}'];
  fc.assert(
    fc.property(
      fc.constantFrom(...texts),
      word,
      fc.stringMatching(/^[a-z./]{1,9}$/),
      number,
      (text, a, b, i) => {
        const made = pattern(text);
        const given = new Map([...[['a', a] as const, ['b', b] as const, ['i', i] as const]]);
        const name = made.fill(given);
        const found = made.match(name);
        // Other values may give the same name (`a_1` and 0, or `a` and 1): what is found gives it too.
        return found !== undefined && made.fill(found) === name;
      },
    ),
  );
});

t.test('what is no pattern says why', async (t) => {
  const wrong = (text: string) => {
    const parsed = parsePattern(text);
    return E.isLeft(parsed) ? parsed.left : undefined;
  };
  t.match(wrong('a{}b'), /\{\} is no variable/);
  t.match(wrong('a{b'), /\{ is no variable/);
  t.match(wrong('a}b'), /\} is no variable/);
  t.match(wrong('{1}'), /\{1\} is no variable/);
  t.match(wrong('{a}/{a...}'), /the variable a twice/);
  t.match(wrong(''), /empty/);
});
