/** Nests: records and lists of tensors, and of whatever else a layer takes or gives. */
import t from 'tap';
import * as fc from '../../property.js';
import * as tf from '@tensorflow/tfjs-core';
import { engine, isTensor } from '../../../lib/index.js';
import { mapNest, partsOf } from '../../../lib/data/nest.js';

await engine();

const isNumber = (part: unknown): part is number => typeof part === 'number';
const nests = fc.letrec((tie) => ({
  nest: fc.oneof(
    { maxDepth: 3 },
    fc.integer(),
    fc.string(),
    fc.constantFrom(null, undefined, true),
    fc.array(tie('nest'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', '__proto__', 'constructor'), tie('nest'), { maxKeys: 3 }),
  ),
})).nest;

t.test('mapping keeps the nest, and composes', async (t) => {
  fc.assert(
    fc.property(nests, (nest) => {
      t.same(
        mapNest(nest, isNumber, (n) => n),
        nest,
      );
      t.same(
        mapNest(
          mapNest(nest, isNumber, (n) => n + 1),
          isNumber,
          (n) => 2 * n,
        ),
        mapNest(nest, isNumber, (n) => 2 * (n + 1)),
      );
    }),
  );
});

t.test('parts come in order, whatever their depth', async (t) => {
  t.same(partsOf({ b: [1, { c: 2 }], a: 3, text: 'x', nothing: null }, isNumber), [1, 2, 3]);
  t.same(partsOf(5, isNumber), [5]);
  t.same(partsOf({}, isNumber), []);
  fc.assert(
    fc.property(nests, (nest) => {
      const parts = partsOf(nest, isNumber);
      let i = 0;
      mapNest(nest, isNumber, (n) => t.equal(n, parts[i++]));
      t.equal(i, parts.length);
    }),
  );
});

t.test('a record without a prototype is a record', async (t) => {
  const bare = Object.assign(Object.create(null) as object, { a: 1 });
  t.same(partsOf([bare], isNumber), [1]);
});

t.test('what is no container passes through as it is', async (t) => {
  class Thing {
    x = tf.scalar(1);
  }
  const [thing, f, list] = [new Thing(), () => 1, Float32Array.of(1)];
  const mapped = mapNest({ thing, f, list }, isTensor, () => 0) as Record<string, unknown>;
  t.equal(mapped.thing, thing);
  t.equal(mapped.f, f);
  t.equal(mapped.list, list);
});

t.test('tensors are parts, not containers', async (t) => {
  const [a, b] = [tf.scalar(1), tf.scalar(2)];
  t.same(
    partsOf({ a, list: [b, a] }, isTensor).map((x) => x.id),
    [a.id, b.id, a.id],
  );
  t.same(
    mapNest([a, { b }], isTensor, (x) => x.shape),
    [[], { b: [] }],
  );
});

t.test('names of every object are names like any other', async (t) => {
  const odd: unknown = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}');
  const mapped = mapNest(odd, isNumber, (n) => n + 1) as Record<string, unknown>;
  t.same(Object.keys(mapped), ['__proto__', 'constructor']);
  t.equal(({} as { polluted?: number }).polluted, undefined);
});
