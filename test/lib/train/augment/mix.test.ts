/** Mixing of batches, phases of data, and pairs forward and reversed. */
import t from 'tap';
import { float32, int32 } from '../../../../lib/data/array.js';
import { key } from '../../../../lib/random/index.js';
import {
  batches,
  cutBox,
  type Data,
  forwardAndReversed,
  mixBatch,
  mixedBatches,
  phased,
  stackExamples,
} from '../../../../lib/train/index.js';

/** Images filled with their own number, which is their class. */
const examples = {
  length: 24,
  at: (i: number) => ({ image: float32([6, 5, 1], new Float32Array(30).fill(i)), label: int32([], [i]) }),
};

t.test('MixUp and CutMix make half a batch each, and labels are the shares of pixels', async (t) => {
  const options = { batchSize: 6, numClasses: 24, mixupAlpha: 0.2, cutmix: true };
  const data = mixedBatches(examples, options);
  t.equal(data.length, 2, 'two batches of fresh examples make one');
  const seen: number[] = [];
  for (const n of [0, 1]) {
    const { image, label, exampleWeights } = await data.at(n, key(7));
    t.same([image.shape, label.shape, exampleWeights.shape], [[6, 6, 5, 1], [6, 24], [6]]);
    for (let i = 0; i < 6; i++) {
      const shares = [...(label.data as Float32Array).subarray(24 * i, 24 * i + 24)];
      const pixels = [...(image.data as Float32Array).subarray(30 * i, 30 * i + 30)];
      const mean = pixels.reduce((a, b) => a + b) / 30;
      const wanted = shares.reduce((sum, share, own) => sum + share * own, 0);
      t.ok(Math.abs(shares.reduce((a, b) => a + b) - 1) < 1e-6, 'shares sum to 1');
      t.ok(Math.abs(mean - wanted) < 1e-4, `${mean} is the mixture of the classes, ${wanted}`);
      // MixUp mixes every pixel alike; CutMix keeps pixels whole.
      if (i < 3) t.equal(new Set(pixels).size, 1);
      else t.ok(pixels.every((value) => Number.isInteger(value)));
      shares.forEach((share, own) => share > 0 && seen.push(own));
    }
  }
  t.equal(new Set(seen).size, seen.length, 'no example comes twice in an epoch');
  t.same(await data.at(0, key(7)), await mixedBatches(examples, options).at(0, key(7)));
  t.notSame(await data.at(0, key(7)), await data.at(0, key(8)));
  t.throws(() => mixedBatches(examples, { batchSize: 4, numClasses: 2 }), /neither mixupAlpha nor cutmix/);
  t.throws(() => mixedBatches(examples, { ...options, batchSize: 3 }), /expected an even number/);
  const two = stackExamples(
    [0, 7].map((label) => ({ image: float32([1, 1, 1], [0]), label: int32([], [label]) })),
  );
  const one = { batchSize: 1, numClasses: 3, cutmix: true };
  t.throws(() => mixBatch(two, key(0), one), /label 7 of example 1: expected an integer from 0 to 2/);
  t.throws(
    () => mixBatch(two, key(0), { batchSize: 1, numClasses: 3 }),
    /mixBatch: found neither mixupAlpha nor cutmix, expected one of them or both/,
  );
  t.throws(
    () => mixBatch(two, key(0), { batchSize: 3, numClasses: 3, mixupAlpha: 0.2, cutmix: true }),
    /mixBatch: batchSize is 3, expected an even number for two kinds/,
  );
  t.throws(
    () => mixBatch(two, key(0), { ...one, batchSize: 2 }),
    /images are \[2, 1, 1, 1\] .* expected 4 of each/,
  );
});

t.test(
  "CutMix's rectangle is cut at the borders; its mean area is below the half that it is drawn with",
  async (t) => {
    let sum = 0;
    for (let seed = 0; seed < 300; seed++) {
      const { left, right, top, bottom } = cutBox(key(seed), 20, 30);
      t.ok(left >= 0 && right <= 30 && top >= 0 && bottom <= 20 && right >= left && bottom >= top);
      sum += ((right - left) * (bottom - top)) / 600;
    }
    t.ok(sum / 300 > 0.2 && sum / 300 < 0.4, `${sum / 300}`);
  },
);

t.test('phases follow each other, each from its own first batch', async (t) => {
  const counted = (name: string): Data<string> => ({ at: async (n) => `${name}${n}` });
  const data = phased([{ data: counted('a'), numBatches: 2 }, { data: counted('b') }]);
  t.same(await Promise.all([0, 1, 2, 5].map((n) => data.at(n, key(0)))), ['a0', 'a1', 'b0', 'b3']);
  t.equal(data.isResumable, undefined);
  t.throws(() => phased([{ data: counted('a') }, { data: counted('b') }]), /phase 0 has NaN batches/);
  t.throws(() => phased([]), /found no phase/);
  t.throws(
    () => phased([{ data: counted('a'), numBatches: 2 }]),
    /the last phase has 2 batches, and it goes on to the end of the run: leave out its numBatches/,
  );
});

t.test('each pair comes forward and reversed, with the flow back', async (t) => {
  const one = (value: number) => float32([1, 1, 1], [value]);
  const pairs = {
    length: 2,
    at: (i: number) => ({ first: one(i), second: one(i + 10), flow: one(i + 20), flowBack: one(i + 30) }),
  };
  const both = batches(forwardAndReversed(pairs), { batchSize: 4, shuffle: false });
  const { first, second, flow } = await both.at(0, key(0));
  t.same([...first.data], [0, 10, 1, 11]);
  t.same([...second.data], [10, 0, 11, 1]);
  t.same([...flow.data], [20, 30, 21, 31]);
});
