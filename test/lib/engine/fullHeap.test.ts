/** A full heap of the wasm backend: an error before anything is written, whatever the operation. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { engine, stopThreads } from '../../../lib/engine/index.js';

t.before(() => engine({ threads: 1 }));
t.teardown(stopThreads);

const backend = (): BackendWasm => tf.backend() as BackendWasm;

/** A tensor whose elements are never written, so that it takes addresses and no memory. */
const place = (shape: number[]): tf.Tensor => {
  const dataId = backend().write(null as unknown as tf.BackendValues, shape, 'float32');
  return tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: 'float32' });
};

t.test('a full heap is an error, and goes on when there is room again', async (t) => {
  const taken: tf.Tensor[] = [];
  t.throws(
    () => [1, 2, 3, 4, 5].forEach(() => taken.push(place([1 << 28]))),
    /4 GiB\) is full: no place for a tensor \[268435456\] of float32 \(1073\.7 MB\) beside \d+ tensors of/,
  );
  t.ok(taken.length >= 2);
  tf.dispose(taken);
  t.equal(
    tf.tidy(() => tf.matMul([[1, 2]], [[1], [1]]).dataSync()[0]),
    3,
  );
});

/** 4 GiB and 128 KiB of float32: as a size of 32 bits it is 128 KiB. */
const [rows, columns] = [32768, 32769];
const column = (): tf.Tensor2D => tf.ones([rows, 1]);
const row = (): tf.Tensor2D => tf.ones([1, columns]);
const ids = (): tf.Tensor1D => tf.zeros([rows], 'int32');

const beyond: Readonly<Record<string, () => tf.Tensor>> = {
  matMul: () => tf.matMul(column(), row()),
  add: () => tf.add(column(), row()),
  mul: () => tf.mul(column(), row()),
  tile: () => tf.tile(row(), [rows, 1]),
  pad: () =>
    tf.pad(row(), [
      [0, rows - 1],
      [0, 0],
    ]),
  fill: () => tf.fill([rows, columns], 1),
  gather: () => tf.gather(row(), ids()),
  broadcastTo: () => tf.broadcastTo(row(), [rows, columns]),
  oneHot: () => tf.oneHot(ids(), columns),
  resize: () => tf.image.resizeNearestNeighbor(tf.ones<tf.Rank.R3>([1, 1, 1]), [rows, columns]),
  concat: () => tf.concat([place([rows / 2, columns]), place([rows / 2, columns])], 0),
  stack: () => tf.stack([place([rows / 2, columns]), place([rows / 2, columns])], 0),
};

for (const kernels of ['relaxed', 'stock'] as const)
  for (const [name, compute] of Object.entries(beyond)) {
    t.test(
      `${name} of 4 GiB by ${kernels} kernels is refused, and no other tensor is written to`,
      async (t) => {
        await engine({ threads: 1, kernels });
        // Between these tensors there are holes, into which a size cut to 32 bits would fit.
        const each = Array.from({ length: 40 }, (_, i) => tf.fill([rows], i));
        const kept = each.filter((_, i) => i % 2 === 1);
        tf.dispose(each.filter((_, i) => i % 2 === 0));
        t.throws(() => tf.tidy(compute), {
          name: 'RangeError',
          message: /4 GiB\) is full: no place for a tensor/,
        });
        t.ok(kept.every((x, i) => x.dataSync().every((value) => value === 2 * i + 1)));
        t.equal(
          tf.tidy(() => tf.sum(kept[3]).dataSync()[0]),
          7 * rows,
        );
        tf.dispose(kept);
      },
    );
  }

t.test('no tensor ends past the last address, however the heap is filled', async (t) => {
  const mebibyte = 2 ** 20;
  const taken: tf.Tensor[] = [];
  const fill = (bytes: number): void => {
    t.throws(() => {
      while (taken.length < 2 ** 13) taken.push(place([bytes / 4]));
    }, /4 GiB\) is full/);
  };
  const ends = (): number[] =>
    taken.map((x) => backend().getMemoryOffset(x.dataId) + x.size * Float32Array.BYTES_PER_ELEMENT);
  fill(mebibyte);
  fill(mebibyte / 4);
  fill(mebibyte / 64);
  t.ok(Math.max(...ends()) <= 2 ** 32);
  t.equal(new Set(ends()).size, taken.length);
  tf.dispose(taken.splice(0));
  // All of it was given back: what fits an empty heap fits again.
  fill(16 * mebibyte);
  t.ok(taken.length > 240);
  tf.dispose(taken);
});
