/** Sizes that stay open: polynomials that are found from a few values. */
import t from 'tap';
import * as fc from '../../property.js';
import {
  addSizes,
  evaluate,
  interpolate,
  isSymbolic,
  type Probe,
  probePoints,
  showSize,
  type Size,
  symbolOf,
  symbolsOf,
} from '../../../lib/graph/size.js';

const probes: readonly Probe[] = [
  ['batch', 3, 6],
  ['n', 2, 4],
];

/** Coefficients of 1, n, batch and batch·n. */
const coefficients = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: -9, max: 9 })));

const valueOf = ([one, n, batch, both]: readonly number[], sizes: Readonly<Record<string, number>>): number =>
  one + n * sizes.n + batch * sizes.batch + both * sizes.batch * sizes.n;

const found = (of: readonly number[]): Size =>
  interpolate(
    probePoints(probes).map((point) => valueOf(of, point)),
    probes,
  );

t.test('a polynomial is found from its values, and is right everywhere', async () => {
  fc.assert(
    fc.property(coefficients, fc.nat(50), fc.nat(50), (of, batch, n) => {
      return evaluate(found(of), { batch, n }) === valueOf(of, { batch, n });
    }),
  );
});

t.test('sums of sizes are sums of their values, in whatever order', async () => {
  fc.assert(
    fc.property(coefficients, coefficients, fc.nat(50), fc.nat(50), (a, b, batch, n) => {
      const sum = evaluate(addSizes(found(a), found(b)), { batch, n });
      return (
        sum === valueOf(a, { batch, n }) + valueOf(b, { batch, n }) &&
        sum === evaluate(addSizes(found(b), found(a)), { batch, n })
      );
    }),
  );
});

t.test('a size without symbols is a number', async (t) => {
  t.equal(found([5, 0, 0, 0]), 5);
  t.notOk(isSymbolic(addSizes(found([1, 2, 0, 0]), found([1, -2, 0, 0]))));
  t.same(symbolsOf(7), []);
});

t.test('sizes are shown as people write them', async (t) => {
  t.equal(showSize(found([0, 1, 0, 0])), 'n');
  t.equal(showSize(found([1, 0, 0, 2])), '2*batch*n + 1');
  t.equal(showSize(12), '12');
});

t.test('one symbol and nothing else has a name', async (t) => {
  t.equal(symbolOf(found([0, 0, 1, 0])), 'batch');
  t.same([found([0, 0, 2, 0]), found([1, 0, 1, 0]), found([0, 0, 0, 1]), 3].map(symbolOf), [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  t.same(symbolsOf(found([1, 0, 0, 1])), ['batch', 'n']);
});
