import t from 'tap';
import * as fc from '../../property.js';
import { editDistance, nearest } from '../../../lib/data/nearest.js';

/** The definition, without a band or a limit. */
const distance = (a: string, b: string): number => {
  if (!a || !b) return a.length + b.length;
  if (a[0] === b[0]) return distance(a.slice(1), b.slice(1));
  return 1 + Math.min(distance(a.slice(1), b), distance(a, b.slice(1)), distance(a.slice(1), b.slice(1)));
};

const word = fc.stringMatching(/^[ab/]{0,6}$/);

t.test('distances are those of the definition, or infinite above the limit', async (t) => {
  fc.assert(
    fc.property(word, word, fc.nat(6), (a, b, limit) => {
      const expected = distance(a, b);
      t.equal(editDistance(a, b), expected);
      t.equal(editDistance(a, b, limit), expected > limit ? Infinity : expected);
    }),
    { numRuns: 300 },
  );
  t.equal(editDistance('kitten', 'sitting'), 3);
});

t.test('the nearest name is at the least distance of all', async (t) => {
  fc.assert(
    fc.property(word, fc.array(word, { maxLength: 6 }), (name, candidates) => {
      const least = Math.min(...candidates.map((candidate) => distance(name, candidate)));
      const found = nearest(name, candidates);
      t.equal(
        found === undefined ? undefined : distance(name, found),
        least <= name.length / 2 ? least : undefined,
      );
    }),
    { numRuns: 300 },
  );
  t.equal(nearest('liner/w', ['linear/b', 'linear_1/w', 'linear/w']), 'linear/w');
  t.equal(nearest('linear/w', ['attention/query', 'norm/scale']), undefined);
});
