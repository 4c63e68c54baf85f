/** Training in the folder `ar`: the loss of a batch with its gradient, the scores of an evaluation, and three updates. */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, sizeOf } from '../../lib/data/array.js';
import { awaitValues, isTensor, type Params, toHost, toHostSync, toTensor } from '../../lib/data/leaf.js';
import { flatten, map, type Tree, unflatten } from '../../lib/data/tree.js';
import { gradients } from '../../lib/engine/index.js';
import { transformWithState } from '../../lib/language/transform.js';
import type { Key } from '../../lib/random/index.js';
import * as train from '../../lib/train/index.js';
import type { PerceiverArConfig } from '../../presets/perceiverAr/network/config.js';
import { perceiverArNetwork } from '../../presets/perceiverAr/network.js';
import { type ArApply, arTrainingLoss, scoresOf, shifted } from '../../presets/perceiverAr/recipe/loss.js';
import type { Sequences } from '../../presets/perceiverAr/recipe/sequences.js';
import { type Arrays, type IndexEntry, keyOf, readArrays, treeUnder } from './case.js';
import { type Check, compare, compareDraws, compareTrees } from './compare.js';
import { tidied } from './program.js';

export interface ExperimentEntry extends IndexEntry {
  readonly optimizer?: Readonly<Record<string, unknown>>;
  readonly left_out?: readonly string[];
  readonly training?: {
    readonly label_smoothing: number;
    readonly z_loss: number;
    readonly num_microbatches: number;
  };
}

type Numbers = Readonly<Record<string, number>>;

const array = (arrays: Arrays, name: string): HostArray => {
  const found = arrays.get(name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
};

/** The n-th part of an array's first axis. */
const part = ({ shape: [, ...rest], dtype, data }: HostArray, n: number): HostArray => {
  const size = sizeOf(rest);
  return { shape: rest, dtype, data: data.slice(n * size, (n + 1) * size) } as HostArray;
};

/** The first two axes as one. */
const joined = ({ shape: [a, b, ...rest], dtype, data }: HostArray): HostArray =>
  ({ shape: [a * b, ...rest], dtype, data }) as HostArray;

const scalar = (value: number): HostArray => float32([], [value]);

/** The learning rate after a warm-up, from whose end the schedule counts its steps. */
const scheduleOf = (optimizer: Readonly<Record<string, unknown>>): train.Schedule => {
  const {
    base_lr: rate,
    warmup_steps: warmup,
    warmup_initial_lr: first,
    training_steps: steps,
  } = optimizer as Numbers;
  const boundaries = optimizer['step_decay_kwargs.decay_boundaries'] as readonly number[];
  const decay = optimizer['step_decay_kwargs.decay_rate'] as number;
  const after =
    optimizer.schedule_type === 'cosine'
      ? train.cosineDecaySchedule({ initValue: rate, decaySteps: steps })
      : train.piecewiseConstantSchedule(
          rate,
          Object.fromEntries(boundaries.map((share) => [Math.trunc(share * steps), decay])),
        );
  const rising = train.linearSchedule({ initValue: first, endValue: rate, transitionSteps: warmup });
  return train.joinSchedules([rising, after], [warmup]);
};

/** The scores summed over a batch, as the original leaves them. */
const sums = async (
  arrays: Arrays,
  name: string,
  { losses, isRight, weights }: ReturnType<typeof scoresOf>,
  tolerance: number,
): Promise<Check[]> => {
  const figures = [
    ['eval_loss', tf.sum(tf.mul(losses, weights))] as const,
    ['eval_accuracy', tf.sum(tf.mul(isRight, weights))] as const,
    ['eval_num_examples', tf.sum(weights)] as const,
  ];
  await awaitValues(figures);
  return figures.map(([figure, found]) =>
    compare(`${name}/${figure}`, toHostSync(found), array(arrays, `${name}/${figure}`), tolerance),
  );
};

const hostTree = (tree: Tree<HostArray | tf.Tensor>): Tree<HostArray> =>
  map(tree, (leaf) => (isTensor(leaf) ? toHostSync(leaf) : leaf));

/** The training of a copy task, from init to the third update. */
export const checkExperiment = async (
  folder: string,
  entry: ExperimentEntry,
  config: PerceiverArConfig,
): Promise<Check[]> => {
  const { tolerance, optimizer = {}, training, left_out: leftOut = [] } = entry;
  if (!training) throw new Error('the entry has no training');
  const arrays = readArrays(join(folder, `${entry.case}.npz`));
  const microBatches = training.num_microbatches;
  const options = { labelSmoothing: training.label_smoothing, zLoss: training.z_loss };
  const network = transformWithState(perceiverArNetwork(config), { isTraining: true });
  const apply: ArApply = ({ params, state }, events, positions, { key, isTraining = false } = {}) =>
    network.apply(params, state, { key, isTraining }, events, positions).output;
  const [events, positions] = [array(arrays, 'in/events'), array(arrays, 'in/event_idxs')];
  const rngs: Key[] = [0, 1, 2].map((n) => keyOf(part(array(arrays, 'rngs'), n)));
  const batches: Sequences[] = rngs.map((_, n) => ({
    events: part(events, n),
    positions: part(positions, n),
  }));
  const params = treeUnder(arrays, 'param/') as Params<HostArray>;
  const within = (name: string, found: HostArray, stored: HostArray): Check =>
    compare(name, found, stored, tolerance);
  const figure = async (name: string, found: tf.Tensor): Promise<Check> =>
    within(name, await toHost(tf.reshape(found, [])), array(arrays, name));

  const first = await tidied(async () => {
    const batch = {
      events: toTensor(part(batches[0].events, 0)),
      positions: toTensor(part(batches[0].positions, 0)),
    };
    const inputs = shifted(batch);
    const made = network.init(keyOf(array(arrays, 'init_key')), inputs.events, inputs.positions);
    const paths = flatten(params).map(([path]) => path);
    const leaves = flatten(params).map(([, leaf]) => toTensor(leaf));
    const weightsOf = (values: readonly tf.Tensor[]) => ({
      params: unflatten(paths.map((path, i) => [path, values[i]])) as Params<tf.Tensor>,
      state: {},
    });
    const lossOf = arTrainingLoss(apply, config, options);
    const result = lossOf(weightsOf(leaves), batch, { key: rngs[0], isTraining: true });
    const { grads } = gradients(
      (values: readonly tf.Tensor[]) =>
        lossOf(weightsOf(values), batch, { key: rngs[0], isTraining: true }).sum,
      leaves,
    );
    const { eventLoss, eventZLoss } = result.metrics!;
    const size = config.contextLength;
    const whole = {
      events: tf.slice(batch.events, [0, 0], [-1, size]),
      targets: inputs.targets,
    };
    const before = tf.slice(batch.positions, [0, 0, 0], [-1, size, -1]);
    await awaitValues(grads);
    return [
      ...compareTrees('init', made.params, treeUnder(arrays, 'init/'), compareDraws),
      await figure('out/first/total_loss', result.sum),
      await figure('out/first/total_z_loss', eventZLoss.sum),
      await figure('out/first/num_next_events', eventLoss.weight),
      await figure('out/first/next_events_loss_per_event', tf.div(eventLoss.sum, eventLoss.weight)),
      ...compareTrees(
        'grad_param',
        unflatten(paths.map((path, i) => [path, toHostSync(grads[i])])),
        treeUnder(arrays, 'grad_param/'),
        within,
      ),
      ...(await sums(
        arrays,
        'out/eval',
        scoresOf(apply(weightsOf(leaves), inputs.events, inputs.positions), inputs, config, 1),
        tolerance,
      )),
      ...(await sums(
        arrays,
        'out/eval_block',
        scoresOf(apply(weightsOf(leaves), whole.events, before), whole, config, 3),
        tolerance,
      )),
    ];
  });

  let n = 0;
  const step = train.trainStep<Sequences, train.OptimizerState>(
    arTrainingLoss(apply, config, { ...options, microBatches }),
    train.chain(train.clipByGlobalNorm(optimizer.max_norm as number), train.adam(scheduleOf(optimizer))),
    { microBatches, nextKeys: () => [rngs[n], rngs[n]] },
  );
  let now = step.init({ params }, rngs[0]);
  const updates: Check[] = [];
  for (const [i, batch] of batches.entries()) {
    n = i;
    const done = step(now, { events: joined(batch.events), positions: joined(batch.positions) });
    now = done.state;
    const held = async (name: string, found: tf.Tensor): Promise<Check> =>
      compare(
        `out/steps/${name}`,
        scalar((await found.data())[0]),
        part(array(arrays, `out/steps/${name}`), i),
        tolerance,
      );
    updates.push(
      await held('train_total_loss', done.metrics.loss),
      await held('global_gradient_norm', done.metrics.gradientNorm),
      await held('learning_rate', done.metrics.learningRate),
    );
  }
  await awaitValues(now.params);
  const trained = flatten(hostTree(now.params)).filter(([path]) => !leftOut.includes(path));
  train.freeTrainState(now);
  return [
    ...first,
    ...updates,
    ...compareTrees('newparam', unflatten(trained), treeUnder(arrays, 'newparam/'), within),
  ];
};
