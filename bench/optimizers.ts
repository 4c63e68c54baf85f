/**
 * The time of an optimizer's update of all parameters of `words`, beside that of one array of as many numbers: packing the
 * gradients, the update itself, adding it, and taking the leaves apart. In turn in one process; the least of all rounds.
 *
 * node dist/bench/optimizers.js [threads]
 */
import * as tf from '@tensorflow/tfjs-core';
import { map, type Tree } from '../lib/data/tree.js';
import { engine, settle, stopThreads } from '../lib/engine/index.js';
import { adam, adamw, lamb } from '../lib/train/index.js';
import { layoutOf, pack, unpack } from '../lib/train/leaves.js';
import { applyUpdates, type Transformation } from '../lib/train/transformation.js';
import { words } from '../presets/words/preset.js';

const rounds = 200;

/** Runs updates of a tree of leaves, one at each call. */
const updater = (transformation: Transformation, shapes: Tree<{ readonly shape: readonly number[] }>) => {
  const leaves = map(shapes, ({ shape }) => tf.randomNormal([...shape]));
  const layout = layoutOf(leaves);
  const params = pack(leaves, layout);
  const state = transformation.init(params);
  return (): number => {
    settle();
    const start = performance.now();
    tf.tidy(() => {
      const done = transformation.update(pack(leaves, layout), state, params);
      unpack(applyUpdates(params, done.updates));
    });
    settle();
    return performance.now() - start;
  };
};

await engine({ threads: Number(process.argv[2] ?? 2) });
const { params } = words().outline;
const total = Object.values(params)
  .flatMap((leaves) => Object.values(leaves))
  .reduce((sum, { shape }) => sum + shape.reduce((size, n) => size * n, 1), 0);
const one = { all: { w: { shape: [total] } } };
for (const [name, optimizer] of Object.entries({ adam: adam(1e-3), adamw: adamw(1e-3), lamb: lamb(1e-3) })) {
  const [many, single] = [updater(optimizer, params), updater(optimizer, one)];
  const least = [Infinity, Infinity];
  for (let i = 0; i < rounds; i += 1)
    [many, single].forEach((run, k) => (least[k] = Math.min(least[k], run())));
  const [ofMany, ofOne] = least;
  console.log(
    `${name.padEnd(6)} ${ofMany.toFixed(2)} ms, one leaf ${ofOne.toFixed(2)} ms: ${(ofMany / ofOne).toFixed(2)}`,
  );
}
await stopThreads();
