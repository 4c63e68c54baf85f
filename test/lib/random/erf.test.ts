import t, { type Test } from 'tap';
import * as fc from '../../property.js';
import { erf, erfInvInPlace } from '../../../lib/random/erf.js';

const { fround } = Math;

const erfInv = (...values: number[]): number[] => {
  const out = Float32Array.from(values);
  erfInvInPlace(out, 0, out.length);
  return [...out];
};

/** Relative error; both functions are good to a few float32 steps. */
const TOLERANCE = 5e-7;

const near = (t: Test, found: number, expected: number): void => {
  t.ok(Math.abs(found - expected) <= TOLERANCE * Math.abs(expected), `${found}, expected ${expected}`);
};

// Source of the values: tables of erf, to ten digits.
const TABLE = [
  [1e-9, 1.1283791671e-9],
  [0.1, 0.112462916],
  [0.5, 0.5204998778],
  [1, 0.8427007929],
  [1.5, 0.9661051465],
  [2, 0.995322265],
  [2.5, 0.999593048],
];

t.test('erf and its inverse have the values of the tables, with their sign', (t) => {
  for (const [x, y] of TABLE) {
    near(t, erf(fround(x)), y);
    near(t, erf(fround(-x)), -y);
  }
  // Above y = 0.99 the slope is so steep that y's own rounding to float32 shows.
  for (const [x, y] of TABLE.filter(([, y]) => y < 0.99)) {
    near(t, erfInv(y)[0], x);
    near(t, erfInv(-y)[0], -x);
  }
  near(t, erfInv(1 - 2 ** -10)[0], 2.331467774);
  near(t, erfInv(1 - 2 ** -20)[0], 3.465505026);
  t.end();
});

t.test('zero goes to zero, and ±1 and infinity to each other', (t) => {
  t.same(erfInv(0, 1, -1), [0, Infinity, -Infinity]);
  t.same([erf(0), erf(Infinity), erf(-Infinity), erf(4)], [0, 1, -1, 1]);
  t.end();
});

t.test('the inverse undoes erf, and nothing outside its range is touched', (t) => {
  fc.assert(
    fc.property(fc.float({ min: -2, max: 2, noNaN: true }), (x) => {
      const values = Float32Array.of(0.25, erf(x), 0.25);
      erfInvInPlace(values, 1, 2);
      return values[0] === 0.25 && values[2] === 0.25 && Math.abs(values[1] - x) <= 1e-5 * (1 + Math.abs(x));
    }),
  );
  t.end();
});

t.test('a range longer than one block is worked through to its end', (t) => {
  const values = Float32Array.from({ length: 5000 }, (_, i) => (i - 2500) / 2501);
  const whole = values.slice();
  erfInvInPlace(whole, 0, whole.length);
  t.same(
    [...whole],
    [...values].map((x) => erfInv(x)[0]),
  );
  t.end();
});
