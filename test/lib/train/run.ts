/**
 * A small run for tests of the loop: a network with dropout and batch norm on made numbers, evaluated, saved, averaged.
 * As a program of its own it trains in a folder until it is done or killed.
 */
import * as tf from '@tensorflow/tfjs-core';
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { float32, type HostArray } from '../../../lib/data/array.js';
import { flatten } from '../../../lib/data/tree.js';
import { engine } from '../../../lib/engine/index.js';
import { chain } from '../../../lib/language/combinators/index.js';
import { transformWithState } from '../../../lib/language/transform.js';
import { type Key, key, normal } from '../../../lib/random/index.js';
import * as train from '../../../lib/train/index.js';
import { batchNorm, dropoutLayer, linear } from '../../../modules/index.js';

interface Example {
  readonly x: HostArray;
  readonly y: HostArray;
}

/** Made examples; what is random about one comes from its key. */
export const examples = (length: number, seed: number): train.Examples<Example> => {
  const all = normal(key(seed), [length, 3]).data;
  return {
    length,
    at: (index, own: Key) => {
      const noise = normal(own, [3]).data;
      const x = Array.from(noise, (value, i) => all[3 * index + i] + 0.1 * value);
      return { x: float32([3], x), y: float32([1], [x[0] - x[1] * x[2]]) };
    },
  };
};

const model = transformWithState(
  chain(linear(8), batchNorm({ decayRate: 0.9 }), dropoutLayer(0.2), linear(1)),
);

export type Batch = train.Batched<Example>;

/** The moment at which the process kills itself: the n-th loss, evaluation or save in it. */
const moment = { kind: '', left: 0 };

/** Kills the process if this is the moment. */
const survive = (kind: string): void => {
  if (kind !== moment.kind) return;
  moment.left -= 1;
  if (moment.left === 0) process.kill(process.pid, 'SIGKILL');
};

const loss: train.Loss<Batch> = ({ params, state }, { x, y }, options) => {
  survive('loss');
  const { output, state: after } = model.apply(params, state, options, x as tf.Tensor2D);
  return { ...train.weighted(train.l2Loss(output, y)), state: after };
};

/** The step of the run; micro-batches and an average, so that all kinds of arrays are in its state. */
export const stepOf = (rate = 0.02): train.TrainStep<Batch, train.OptimizerState> => {
  const schedule = train.cosineDecaySchedule({ initValue: rate, decaySteps: 40 });
  const optimizer: train.Transformation = train.chain(train.clipByGlobalNorm(1), train.lamb(schedule));
  return train.trainStep(loss, optimizer, { microBatches: 2, ema: { decay: 0.9, start: 'zeros' } });
};

export const data = (): train.Data<Batch> => train.batches(examples(26, 1), { batchSize: 4 });

const evaluate = train.evaluation({
  data: train.inOrder(examples(10, 2), 4),
  run: ({ params, state }, { x }: train.OnEngine<Batch>) => {
    survive('evaluation');
    const { output } = model.apply(params, state, {}, x as tf.Tensor2D);
    return output;
  },
  figures: (output, { y }, by) => ({
    error: train.metrics.mean(
      float32(
        [y.shape[0]],
        Array.from(output.data as Float32Array, (value, i) => Math.abs(value - Number(y.data[i]))),
      ),
      by,
    ),
  }),
});

export const numSteps = 20;

/** The options of the run; the first state is a function of nothing. */
export const options = (changes: Partial<train.TrainOptions<Batch, train.OptimizerState>> = {}) => {
  const step = changes.step ?? stepOf();
  const x = tf.tensor2d([0, 1, 2, 3, 4, 5], [2, 3]);
  const weights = model.init(key(0), x);
  x.dispose();
  return {
    step,
    state: step.init(weights, key(1)),
    data: data(),
    key: key(2),
    numSteps,
    evaluate: { every: 4, run: evaluate, best: { figure: 'error', isLower: true } },
    recipe: { rate: 0.02 },
    ...changes,
  } satisfies train.TrainOptions<Batch, train.OptimizerState>;
};

/** An event that ends a run. */
export type Ended = Extract<train.TrainEvent, { kind: 'ended' }>;

/** The events of the run with other options, to its end or until one that ends it. */
export const eventsOf = async (
  changes: Partial<train.TrainOptions<Batch, train.OptimizerState>> = {},
  until: (event: train.TrainEvent) => boolean = () => false,
): Promise<train.TrainEvent[]> => {
  const events = [];
  for await (const event of train.train(options(changes))) {
    events.push(event);
    if (until(event)) break;
  }
  return events;
};

/** The last event of a run that ended. */
export const endOf = (events: readonly train.TrainEvent[]): Ended => {
  const last = events[events.length - 1];
  if (last.kind !== 'ended') throw new Error(`the run did not end: ${last.kind}`);
  return last;
};

/** The bits of all trained weights and averages. */
export const bits = ({ weights, averaged }: Ended): Record<string, number[]> =>
  Object.fromEntries(
    [weights.params, weights.state, averaged!.params].flatMap((tree, i) =>
      flatten(tree).map(([path, { data: values }]) => [
        `${i} ${path}`,
        [...new Uint32Array(Float32Array.from(values as Float32Array).buffer)],
      ]),
    ),
  );

/** The folder's store, where a save may be the last thing that happens: then half of the file is there. */
const store = (folder: string): train.CheckpointStore => {
  const inner = train.folderStore(folder);
  const write = async (name: string, bytes: Uint8Array): Promise<void> => {
    if (name === 'best.safetensors') return inner.write(name, bytes);
    if (moment.kind === 'save' && moment.left === 1) {
      writeFileSync(`${folder}/.${name}.partial`, bytes.subarray(0, bytes.length / 2));
      const done = inner.write(name, bytes);
      setImmediate(() => survive('save'));
      return done;
    }
    survive('save');
    return inner.write(name, bytes);
  };
  return { ...inner, write };
};

/** The program: trains in a folder, goes on where it stopped, and kills itself at a moment such as `loss 5`. */
const main = async (folder: string, kind = '', count = '0'): Promise<void> => {
  Object.assign(moment, { kind, left: Number(count) });
  await engine({ threads: 2 });
  const log = train.jsonLines(`${folder}/log.jsonl`);
  const checkpoints = { store: store(folder), every: 3, resume: true };
  for await (const event of train.train(options({ checkpoints }))) {
    await log(event);
    process.stdout.write(`${event.kind} ${event.step}\n`);
  }
  process.exit(0);
};

const [, script, ...words] = process.argv;
if (script !== undefined && import.meta.url === pathToFileURL(script).href)
  await main(...(words as [string]));
