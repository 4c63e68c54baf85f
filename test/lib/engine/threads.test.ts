/** Threads: the same bits for any number of them, lazy, quiet when idle, ending with the process or on request. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { attention } from '../../../lib/engine/operations/attention.js';
import { engine, gradients, stopThreads } from '../../../lib/engine/index.js';
import { type Native, nativeOf } from '../../../lib/engine/wasm/native.js';
import { node, outputOf } from '../../child.js';

/** Numbers that look random, made once for each shape; never disposed of. */
const made = new Map<string, tf.Tensor>();
const noise = (shape: number[], seed: number): tf.Tensor => {
  const name = `${shape} ${seed}`;
  const values = () =>
    Float32Array.from({ length: tf.util.sizeFromShape(shape) }, (_, i) => Math.sin(i * 12.9898 + seed));
  if (!made.has(name)) made.set(name, tf.keep(tf.tensor(values(), shape)));
  return made.get(name) as tf.Tensor;
};

const running = (): number | undefined => nativeOf(tf.backend() as BackendWasm)?.pool.running();

/** Programs whose work is cut into tasks, each with its result's bytes. */
const programs = {
  'a product': () => tf.matMul(noise([300, 700], 1), noise([700, 500], 2)),
  'a product of transposed batches': () =>
    tf.matMul(noise([5, 90, 200], 3), noise([5, 160, 90], 4), true, true),
  'a product of one row': () => tf.matMul(noise([1, 2000], 5), noise([2000, 900], 6)),
  attention: () => {
    const [q, k, v] = [noise([2, 70, 3, 37], 7), noise([2, 300, 3, 37], 8), noise([2, 300, 3, 41], 9)];
    return attention({ q, k, v }, {});
  },
  'the gradient of attention': () => {
    const [q, k, v] = [noise([1, 70, 3, 37], 7), noise([1, 1300, 1, 37], 8), noise([1, 1300, 1, 41], 9)];
    const loss = (xs: tf.Tensor[]) =>
      tf.sum(tf.square(attention({ q: xs[0], k: xs[1], v: xs[2] }, { causal: true })));
    return tf.concat(gradients(loss, [q, k, v]).grads.map((grad) => tf.reshape(grad, [-1])));
  },
  'attention to more keys than are packed at once': () => {
    const [q, k, v] = [noise([1, 20, 1, 300], 7), noise([1, 8000, 1, 300], 8), noise([1, 8000, 1, 300], 9)];
    return attention({ q, k, v }, {});
  },
};

const bytesOf = (run: () => tf.Tensor): Buffer => {
  const values = tf.tidy(() => run().dataSync<'float32'>());
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
};

for (const kernels of ['relaxed', 'plain'] as const) {
  t.test(`${kernels}: the same bits for any number of threads`, async (t) => {
    for (const [name, run] of Object.entries(programs)) {
      await engine({ kernels, threads: 1 });
      const alone = bytesOf(run);
      for (const threads of [2, 5]) {
        await engine({ kernels, threads });
        for (let again = 0; again < 2; again += 1)
          t.ok(bytesOf(run).equals(alone), `${name}, ${threads} threads`);
      }
    }
  });
}

t.test('workers start when there is work for them, end on request, and start again', async (t) => {
  await engine({ threads: 3 });
  t.equal(running(), 1);
  bytesOf(() => tf.matMul(tf.ones([2, 2]), tf.ones([2, 2])));
  t.equal(running(), 1, 'small work is no reason');
  const alone = bytesOf(programs['a product']);
  t.equal(running(), 3);
  await stopThreads();
  t.equal(running(), 1);
  t.ok(bytesOf(programs['a product']).equals(alone));
  t.equal(running(), 3);
});

t.test('threads see memory that is added while they run', async (t) => {
  await engine({ threads: 3 });
  const before = bytesOf(programs['a product']);
  const large = tf.zeros([2 ** 27]); // 512 MB
  t.ok(bytesOf(programs['a product']).equals(before));
  large.dispose();
});

t.test('idle workers sleep, and work wakes them', async (t) => {
  await engine({ threads: 4 });
  const { pool } = nativeOf(tf.backend() as BackendWasm) as Native;
  for (let again = 0; again < 3; again += 1) {
    bytesOf(programs['a product']);
    // Workers that kept looking for work would never be asleep.
    while (pool.asleep() !== 3) await new Promise(setImmediate);
  }
  t.equal(pool.running(), 4);
});

const libraryAt = new URL('../../../lib/engine/index.js', import.meta.url).href;

/** Runs a program in a process of its own, with workers that it can reach as `workers`. */
const inside = (program: string) =>
  node(
    '.',
    '--input-type=module',
    '-e',
    `import { createRequire } from 'node:module';
     import * as tf from '@tensorflow/tfjs-core';
     import threads from 'node:worker_threads';
     const workers = [];
     let spoil = (data) => data;
     threads.Worker = class extends threads.Worker {
       constructor(code, options) {
         super(code, { ...options, workerData: spoil(options.workerData) });
         workers.push(this);
       }
     };
     const { engine, stopThreads } = await import('${libraryAt}');
     const product = () => tf.tidy(() => tf.matMul(tf.ones([600, 600]), tf.ones([600, 600])).dataSync()[0]);
     const tell = (run) => { try { console.log(run()); } catch (error) { console.log(error.message); } };
     await engine({ threads: 3 });
     ${program}`,
  );

t.test('a process ends by itself while workers sleep', async (t) => {
  t.equal(outputOf(inside('tell(product);')), '600\n');
});

t.test('a worker that was ended is an error at the next work, and the work after goes on', async (t) => {
  const output = outputOf(
    inside(`tell(product);
      await workers[0].terminate();
      await new Promise(setImmediate);
      tell(product);
      await stopThreads();
      tell(product);`),
  );
  t.match(output.split('\n'), ['600', /^a thread of the engine died: .*it exited with status \d/, '600']);
});

t.test('a worker that fails in the middle of its work is an error with its cause', async (t) => {
  const { stdout } = inside(`await stopThreads();
      spoil = (data) => ({ ...data, places: { ...data.places, scratch: 0xf0000000 } });
      process.on('uncaughtException', () => undefined);
      const outcomes = new Set();
      while (outcomes.size === 0) {
        try { product(); } catch (error) { outcomes.add(error.message); }
        await new Promise(setImmediate);
      }
      console.log([...outcomes].join());`);
  t.match(stdout, /a thread of the engine died: RuntimeError: memory access out of bounds/);
});

t.teardown(stopThreads);
