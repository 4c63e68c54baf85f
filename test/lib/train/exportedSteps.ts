/**
 * Small steps as `exportJax` writes them, for states that JAX trained: `node dist/test/lib/train/exportedSteps.js FOLDER`
 * writes their files and batches; test/data/exportedStates.py takes their first steps.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { float32, type HostArray } from '../../../lib/data/array.js';
import { toTensor } from '../../../lib/data/leaf.js';
import { formatCheckpoint, formatNpz, showCheckpointError } from '../../../lib/checkpoint/index.js';
import { engine } from '../../../lib/engine/index.js';
import { chain } from '../../../lib/language/combinators/index.js';
import { transformWithState } from '../../../lib/language/transform.js';
import { type Key, key, normal } from '../../../lib/random/index.js';
import { exportJax } from '../../../lib/stablehlo/index.js';
import * as train from '../../../lib/train/index.js';
import { batchNorm, dropoutLayer, linear } from '../../../modules/index.js';

export interface Batch {
  readonly x: HostArray;
  readonly y: HostArray;
}

const model = transformWithState(
  chain(batchNorm({ decayRate: 0.9 }), linear(2), dropoutLayer(0.3), linear(1)),
);

const loss: train.Loss<Batch> = ({ params, state }, { x, y }, options) => {
  const { output, state: next } = model.apply(params, state, options, x as tf.Tensor2D);
  return { ...train.weighted(train.l2Loss(output, y)), state: next };
};

/** The batch of a step. */
export const batchOf = (n: number): Batch => {
  const x = normal(key(n), [4, 3]);
  return {
    x,
    y: float32(
      [4, 1],
      Float32Array.from([0, 1, 2, 3], (i) => x.data[3 * i] - x.data[3 * i + 1]),
    ),
  };
};

const isW = /\/w$/;

/** A step for each form that a state of an optimizer, and an average, can have. */
export const exportedSteps: Readonly<Record<string, train.TrainStep<Batch, train.OptimizerState>>> = {
  adamw: train.trainStep<Batch, train.OptimizerState>(
    loss,
    train.chain(train.clipByGlobalNorm(1), train.adamw(1e-2)),
    { ema: { decay: 0.9, start: 'zeros' }, freeze: ['linear_1/b'] },
  ),
  unfrozen: train.trainStep<Batch, train.OptimizerState>(
    loss,
    train.chain(train.clipByGlobalNorm(1), train.adamw(1e-2)),
    { ema: { decay: 0.9, start: 'zeros' } },
  ),
  adafactor: train.trainStep<Batch, train.OptimizerState>(
    loss,
    train.adafactor(0.1, { minDimSizeToFactor: 2 }),
    { ema: { decay: 0.9, start: 'copy' } },
  ),
  labelled: train.trainStep<Batch, train.OptimizerState>(
    loss,
    train.labelled({ first: train.multiSteps(train.rmsprop(0.01), 2), rest: train.sgd(0.1) }, (path) =>
      path.startsWith('linear/') ? 'first' : 'rest',
    ),
  ),
  masked: train.trainStep<Batch, train.OptimizerState>(
    loss,
    train.chain(train.masked(train.scaleByLion(), isW), train.sgd(0.1)),
  ),
};

const write = async (folder: string): Promise<void> => {
  await engine();
  mkdirSync(folder, { recursive: true });
  const weights = model.init(key(0), toTensor(batchOf(0).x) as tf.Tensor2D);
  const pickle = formatCheckpoint(weights, { format: 'pickle' });
  if (E.isLeft(pickle)) throw new Error(showCheckpointError(pickle.left));
  writeFileSync(join(folder, 'weights.pickle'), pickle.right);
  for (const [name, step] of Object.entries(exportedSteps)) {
    const start = (given: typeof weights, from: Key) => step.init(given, from);
    writeFileSync(join(folder, `${name}.start.jax`), exportJax(start, [weights, key(7)]));
    const program = exportJax(step, [step.init(weights, key(7)), batchOf(0)]);
    writeFileSync(join(folder, `${name}.step.jax`), program);
  }
  const arrays = [0, 1, 2, 3].flatMap((n) => {
    const { x, y } = batchOf(n);
    return [[`x${n}`, x] as const, [`y${n}`, y] as const];
  });
  writeFileSync(join(folder, 'batches.npz'), formatNpz(arrays));
};

if (import.meta.url === pathToFileURL(process.argv[1]).href) await write(process.argv[2]);
