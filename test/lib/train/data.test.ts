import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import * as fc from '../../property.js';
import { float32, type HostArray, int32 } from '../../../lib/data/array.js';
import { foldIn, key, permutation } from '../../../lib/random/index.js';
import {
  batches,
  type Data,
  epochOrder,
  exampleKey,
  inOrder,
  mapData,
  stackExamples,
  streamed,
} from '../../../lib/train/index.js';
import { engine } from '../../../lib/engine/index.js';
import { readAhead } from '../../../lib/train/data.js';

t.before(() => engine());

interface Example {
  readonly id: HostArray;
  readonly draw: HostArray;
}

const examples = (length: number) => ({
  length,
  at: async (index: number, own: ReturnType<typeof key>): Promise<Example> => ({
    id: int32([], [index]),
    draw: int32([2], [own.words[0] | 0, own.words[1] | 0]),
  }),
});

const idsOf = async (data: Data<{ readonly id: HostArray }>, n: number): Promise<number[]> =>
  [...(await data.at(n, key(5))).id.data].map(Number);

t.test('the order of an epoch is the permutation from its key, and every example comes once', async (t) => {
  const data = batches(examples(10), { batchSize: 3 });
  t.equal(data.length, 3);
  for (const epoch of [0, 1, 2]) {
    const order = [...permutation(foldIn(key(5), epoch), 10).data];
    const seen = [];
    for (let i = 0; i < 3; i++) seen.push(...(await idsOf(data, 3 * epoch + i)));
    t.same(seen, order.slice(0, 9));
    t.same([...epochOrder(key(5), epoch, 10)], order);
  }
  t.notSame(await idsOf(data, 0), await idsOf(data, 3));
});

t.test('batch n is a function of n, in whatever order batches are asked for', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(40), { minLength: 1, maxLength: 8 }), async (order) => {
      const data = batches(examples(11), { batchSize: 4 });
      const found = await Promise.all(order.map((n) => data.at(n, key(1))));
      for (const [i, n] of order.entries()) {
        const again = await batches(examples(11), { batchSize: 4 }).at(n, key(1));
        t.same(found[i].draw.data, again.draw.data);
      }
    }),
    { numRuns: 20 },
  );
});

t.test("an example's key is of its epoch and number, and of nothing else", async (t) => {
  for (const batchSize of [2, 5]) {
    const data = batches(examples(10), { batchSize });
    const batch = await data.at(0, key(5));
    const [id] = batch.id.data as Int32Array;
    t.same(
      [...batch.draw.data.slice(0, 2)],
      exampleKey(key(5), 0, id).words.map((word) => word | 0),
    );
  }
  t.notSame(exampleKey(key(5), 0, 3).words, exampleKey(key(5), 1, 3).words);
  t.notSame(exampleKey(key(5), 0, 3).words, exampleKey(key(5), 0, 4).words);
});

t.test('the last batch is dropped, or filled up with examples of weight 0', async (t) => {
  const data = batches(examples(7), { batchSize: 4, shuffle: false, remainder: 'pad' });
  t.equal(data.length, 2);
  const last = await data.at(1, key(0));
  t.same([...last.id.data], [4, 5, 6, 6]);
  t.same([...last.exampleWeights.data], [1, 1, 1, 0]);
  t.same([...(await data.at(2, key(0))).id.data], [0, 1, 2, 3]);
  t.equal(batches(examples(7), { batchSize: 4 }).length, 1);
  t.throws(() => batches(examples(3), { batchSize: 4 }), /3 examples make no batch of 4/);
  t.throws(() => batches(examples(3), { batchSize: 0.5 }), /batchSize is 0.5/);
  t.throws(() => inOrder(examples(0), 4), /the number of examples is 0, expected a whole number from 1/);
  t.throws(
    () => batches(examples(3), { batchSize: 2, remainder: 'fill' as 'pad' }),
    /remainder is 'fill', expected 'drop' or 'pad'/,
  );
});

t.test('examples that are not alike are refused', async (t) => {
  const uneven = [{ x: float32([2], [1, 2]) }, { x: float32([3], [1, 2, 3]) }];
  t.throws(
    () => stackExamples(uneven),
    /example 1: 'x' is float32 \[3\], expected float32 \[2\], as in example 0/,
  );
  const stacked = stackExamples([{ a: { b: float32([2], [1, 2]) } }, { a: { b: float32([2], [3, 4]) } }]);
  t.same(stacked.a.b.shape, [2, 2]);
  t.same([...stacked.a.b.data], [1, 2, 3, 4]);
});

t.test('an example is host arrays and nothing else: no value stands for others', async (t) => {
  const of = (field: unknown) => ({
    length: 6,
    at: (i: number) => ({ y: float32([], [i]), x: field as HostArray }),
  });
  for (const [field, found] of [
    [3, 'the number 3, expected a host array, such as int32([], [3])'],
    [true, 'the boolean true, expected a host array, such as int32([], [1])'],
    ['cat', 'the string cat, expected a host array, such as int32([], [1])'],
    [[1, 2], 'a list, expected a host array, such as float32([2], values)'],
    [new Float32Array(3), 'a Float32Array, expected a host array, such as float32([3], values)'],
    [tf.scalar(1), 'a tensor, expected a host array, such as await toHost(tensor)'],
    [undefined, 'of type undefined, expected a host array, such as int32([], [1])'],
    [new Map(), 'of type object, expected a host array, such as int32([], [1])'],
  ] as const)
    await t.rejects((async () => inOrder(of(field), 3).at(1, key(0)))(), {
      message: `example 3: 'x' is ${found}`,
    });
  // @ts-expect-error a number does not compile
  t.throws(() => stackExamples([{ x: 3 }]), /'x' is the number 3/);
  const [x, y] = [float32([], [1]), float32([], [2])];
  t.throws(() => stackExamples([{ x, y }, { x }] as object[]), /example 1 has no 'y', which example 0/);
  t.throws(() => stackExamples([{ x }, { x, y }] as object[]), /example 0 has no 'y', which example 1/);
  t.throws(
    () => stackExamples([undefined as never]),
    /example 0 is of type undefined, expected host arrays by name/,
  );
  t.throws(() => stackExamples([{}]), /example 0 has no arrays/);
  t.throws(() => stackExamples([]), /found no examples/);
  t.throws(() => stackExamples([{ x, exampleWeights: x }]), /'exampleWeights' is taken/);
  t.throws(() => stackExamples([{ x: { ...x, shape: [2] } }]), /'x' is \[2\] and has 1 numbers, expected 2/);
});

t.test('batches that come at once train as awaited ones', async (t) => {
  const next = readAhead({ at: (n) => n }, key(0), 0, 2);
  t.same([await next(), await next()], [0, 1]);
});

t.test('batches are read ahead in order; an error comes with the batch that it is of', async (t) => {
  const asked: number[] = [];
  const data: Data<number> = {
    at: async (n) => {
      asked.push(n);
      if (n === 6) throw new Error('batch 6 is broken');
      return n;
    },
  };
  const next = readAhead(data, key(0), 3, 2);
  t.same(asked, [3, 4]);
  t.equal(await next(), 3);
  t.same(asked, [3, 4, 5]);
  t.equal(await next(), 4);
  t.equal(await next(), 5);
  await t.rejects(next(), /batch 6 is broken/);
  t.equal(await next(), 7);
});

t.test('changed data keeps its positions', async (t) => {
  const data = mapData(batches(examples(4), { batchSize: 2, shuffle: false }), (batch, n, own) => ({
    batch,
    n,
    own,
  }));
  const { n, own } = await data.at(5, key(0));
  t.equal(n, 5);
  t.same(own, (await data.at(5, key(0))).own);
  t.notSame(own, (await data.at(4, key(0))).own);
});

t.test('a stream is read in order, from wherever a run begins, and is not resumable', async (t) => {
  const stream = streamed(
    (async function* () {
      yield* ['a', 'b', 'c'];
    })(),
  );
  t.equal(stream.isResumable, false);
  t.same(await Promise.all([stream.at(4, key(0)), stream.at(5, key(0))]), ['a', 'b']);
  await t.rejects(async () => stream.at(9, key(0)), /gives batch 6 next, and was asked for batch 9/);
  t.equal(await stream.at(6, key(0)), 'c');
  await t.rejects(async () => stream.at(7, key(0)), { name: 'EndOfData', batch: 7 });
});
