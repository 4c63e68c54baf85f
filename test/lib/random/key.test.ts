import t from 'tap';
import * as fc from '../../property.js';
import { type Key, MissingKeyError, foldIn, key, keySequence, split } from '../../../lib/random/index.js';
import { MODES } from './golden.js';

const anyKey: fc.Arbitrary<Key> = fc.record({
  mode: fc.constantFrom(...MODES),
  words: fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff)),
});

const anyIndex = fc.nat(0xffffffff);

const spelled = (keys: readonly Key[]): string[] => keys.map(({ words }) => words.join(' '));

t.test('keys that are split from one differ from it and from each other', (t) => {
  fc.assert(
    fc.property(anyKey, fc.integer({ min: 2, max: 40 }), (from, n) => {
      const all = spelled([from, ...split(from, n)]);
      return new Set(all).size === n + 1;
    }),
  );
  t.end();
});

t.test('in partitionable mode splitting more gives the same keys first; in legacy mode others', (t) => {
  const first = (mode: Key['mode'], n: number) => spelled(split(key(9, mode), n)).slice(0, 2);
  t.same(first('partitionable', 7), first('partitionable', 2));
  t.notSame(first('legacy', 7), first('legacy', 2));
  t.end();
});

t.test('everything derived from a key has its mode', (t) => {
  fc.assert(
    fc.property(anyKey, anyIndex, (from, data) =>
      [foldIn(from, data), ...split(from, 3), keySequence(from)()()].every(({ mode }) => mode === from.mode),
    ),
  );
  t.end();
});

t.test(
  'folding in different numbers gives different keys, the same in both modes, and none that split gives',
  (t) => {
    fc.assert(
      fc.property(anyKey, fc.uniqueArray(anyIndex, { minLength: 2, maxLength: 20 }), (from, numbers) => {
        const folded = spelled(numbers.map((data) => foldIn(from, data)));
        const elsewhere = spelled(numbers.map((data) => foldIn({ ...from, mode: 'legacy' }, data)));
        return new Set(folded).size === numbers.length && folded.join() === elsewhere.join();
      }),
    );
    // In legacy mode: in partitionable mode split is defined as folding in 0, 1, 2, …
    fc.assert(
      fc.property(anyIndex, (seed) => {
        const from = key(seed, 'legacy');
        const folded = new Set(spelled([0, 1, 2].map((data) => foldIn(from, data))));
        return spelled(split(from, 3)).every((words) => !folded.has(words));
      }),
    );
    t.end();
  },
);

t.test('a seed counts by its low 32 bits', (t) => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (seed) => {
      const { words } = key(seed);
      return words[0] === 0 && BigInt(words[1]) === BigInt.asUintN(32, seed);
    }),
  );
  t.end();
});

t.test('seeds, counts and folded numbers that JAX would not take are refused', (t) => {
  for (const seed of [0.5, NaN, Infinity, 2 ** 53, 2n ** 63n, -(2n ** 63n) - 1n]) {
    t.throws(() => key(seed), { name: 'RangeError', message: /^a seed must/ }, String(seed));
  }
  for (const data of [-1, 2 ** 32, 1.5, NaN]) t.throws(() => foldIn(key(0), data), RangeError, String(data));
  for (const n of [-1, 1.5, NaN]) t.throws(() => split(key(0), n), RangeError, String(n));
  t.end();
});

/** The sequence made eagerly: split, keep the second, go on with the first. */
const eagerly = (root: Key, n: number): Key[] => {
  const keys: Key[] = [];
  for (let i = 0, link = root; i < n; i++) {
    const [next, sub] = split(link);
    keys.push(sub);
    link = next;
  }
  return keys;
};

t.test('lazy keys are the keys of an eager sequence, in whatever order they are used', (t) => {
  const orders = fc.shuffledSubarray([...Array(12).keys()]);
  fc.assert(
    fc.property(anyKey, orders, (root, order) => {
      const next = keySequence(root);
      const lazy = Array.from({ length: 12 }, () => next());
      const eager = eagerly(root, 12);
      return order.every((i) => spelled([lazy[i]()])[0] === spelled([eager[i]])[0]);
    }),
  );
  t.end();
});

t.test('a key is made once, and a hundred thousand draws before it cost no stack', (t) => {
  const next = keySequence(key(1));
  const first = next();
  t.equal(first(), first());
  let last = next();
  for (let i = 0; i < 100_000; i++) last = next();
  t.equal(last(), last());
  t.end();
});

t.test('without a root keys can be drawn, and using one names the place that needed it', (t) => {
  const next = keySequence();
  const unused = next('mlp/dropout');
  const nameless = next();
  t.throws(unused, new MissingKeyError('mlp/dropout'));
  t.match(new MissingKeyError('mlp/dropout').message, /^mlp\/dropout: a random number was needed/);
  t.throws(nameless, { name: 'MissingKeyError', message: /^a random number was needed/ });
  t.end();
});

t.test('drawing reads nothing of the root', (t) => {
  let reads = 0;
  const watched: Key = {
    mode: 'partitionable',
    get words() {
      reads++;
      return [0, 1] as const;
    },
  };
  const next = keySequence(watched);
  const lazy = [next(), next(), next()];
  t.equal(reads, 0);
  lazy[2]();
  t.ok(reads > 0);
  t.end();
});

t.test('several keys at once are one split, and single keys go on from there', async (t) => {
  const next = keySequence(key(7));
  const [first, several, last] = [next(), next.many(2), next()];
  const [link, one] = split(key(7));
  const [rest, ...two] = split(link, 3);
  t.same([first(), ...several.map((draw) => draw()), last()], [one, ...two, split(rest)[1]]);
  t.throws(() => keySequence().many(2, 'mlp')[1](), { name: 'MissingKeyError', message: /^mlp: / });
});
