/**
 * Runs that move between JAX and here after five steps: the next five are those of a run that did not move, with the same
 * dropout. Haiku's trees and optax's states cross in pickles, as jaxline writes them and as a program of one's own.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { type HostArray, float32 } from '../../lib/data/array.js';
import { toTensor } from '../../lib/data/leaf.js';
import { formatNpz, showCheckpointError, writeCheckpoint } from '../../lib/checkpoint/index.js';
import { chain, lift } from '../../lib/language/combinators/index.js';
import { transformWithState } from '../../lib/language/transform.js';
import { key, normal } from '../../lib/random/index.js';
import * as train from '../../lib/train/index.js';
import { batchNorm, dropoutLayer, layerNorm, linear } from '../../modules/index.js';
import { gelu } from '../../modules/mlp.js';
import type { Check } from '../golden/compare.js';
import { compareOutputs, type Finding, finding, type Group } from './finding.js';
import { leavesOf } from './jaxCase.js';
import { runScript } from './process.js';
import { checkpointIn, rightOf } from './read.js';

interface Batch {
  readonly x: HostArray;
  readonly y: HostArray;
}

/** The network of `python/go_on.py`. */
const model = transformWithState(
  chain(batchNorm({ decayRate: 0.9 }), linear(6), layerNorm(), lift(gelu), dropoutLayer(0.3), linear(1)),
);

const loss: train.Loss<Batch> = ({ params, state }, { x, y }, options) => {
  const { output, state: next } = model.apply(params, state, options, x as tf.Tensor2D);
  return { ...train.weighted(train.l2Loss(output, y)), state: next };
};

const batchOf = (n: number): Batch => {
  const x = normal(key(n), [8, 3]);
  const sums = Array.from({ length: 8 }, (_, i) => x.data[3 * i] - 2 * x.data[3 * i + 1]);
  return { x, y: float32([8, 1], Float32Array.from(sums)) };
};

const batches = Array.from({ length: 10 }, (_, n) => batchOf(n));

const schedule = train.warmupCosineDecaySchedule({
  initValue: 0,
  peakValue: 0.02,
  warmupSteps: 3,
  decaySteps: 20,
});

const optimizers = {
  lamb: () =>
    train.chain(
      train.clipByGlobalNorm(1),
      train.scaleByAdam({ eps: 1e-6 }),
      train.addDecayedWeights(0.1, { mask: /\/w$/ }),
      train.scaleByTrustRatio(),
      train.scaleByLearningRate(schedule),
    ) as train.Transformation,
  adamw: () => train.adamw(schedule) as train.Transformation,
};

/** A run in one of the forms of pickles. */
interface Settings {
  readonly optimizer: keyof typeof optimizers;
  readonly isJaxline: boolean;
  readonly names: Required<Omit<train.PartNames, 'ema'>>;
  readonly beginsInJax: boolean;
}

const forms = [
  {
    form: "jaxline's form, LAMB as Perceiver has it",
    optimizer: 'lamb',
    isJaxline: true,
    names: { optimizer: 'opt_state', step: 'global_step', key: 'train_step_rng' },
  },
  {
    form: "a dict of one's own, AdamW",
    optimizer: 'adamw',
    isJaxline: false,
    names: { optimizer: 'optimizer', step: 'count', key: 'rng' },
  },
] as const;

type State = train.TrainState;

const stepOf = ({ optimizer, isJaxline }: Settings) =>
  train.trainStep(loss, optimizers[optimizer](), isJaxline ? { nextKeys: train.jaxlineKeys } : {});

/** Takes the steps of some batches, and gives the losses. */
const take = async (step: ReturnType<typeof stepOf>, from: State, given: readonly Batch[]) => {
  const losses: number[] = [];
  let state = from;
  for (const batch of given) {
    const next = step(state, batch);
    losses.push((await train.readMetrics(next.metrics)).loss);
    ({ state } = next);
  }
  return { state, losses };
};

const saved = (folder: string, steps: number): string => join(folder, `after-${steps}.pickle`);

const read = async (path: string, step: ReturnType<typeof stepOf>, { names }: Settings): Promise<State> =>
  rightOf((problems: readonly string[]) => problems.join('; '))(
    train.fromJax(await checkpointIn(path), step, names),
  );

const compareStates = (found: State, own: State): Check[] =>
  leavesOf([own]).map((leaf, i) => compareOutputs(`leaf ${i}`, leavesOf([found])[i], leaf, 1e-5));

const compareLosses = (found: readonly number[], own: readonly number[]): Check[] =>
  own.map((each, i) => ({
    array: `loss of step ${i + 6}`,
    error: Math.abs(found[i] - each) / Math.abs(each),
    tolerance: 1e-5,
  }));

interface Prepared {
  readonly what: string;
  readonly folder: string;
  /** @param losses  those of the steps that JAX took */
  readonly compare: (losses: readonly number[]) => Promise<readonly Check[]>;
}

/** The five steps that are taken here are those that JAX took, and the state after them is JAX's. */
const fromJax = (settings: Settings, form: string, folder: string): Prepared => ({
  what: `five steps in JAX, five more here: ${form}`,
  folder,
  compare: async (losses) => {
    const step = stepOf(settings);
    const begun = await read(saved(folder, 5), step, settings);
    const own = await take(step, begun, batches.slice(5));
    const there = await read(saved(folder, 10), step, settings);
    const checks = [...compareLosses(own.losses, losses.slice(5)), ...compareStates(own.state, there)];
    [own.state, there].forEach(train.freeTrainState);
    return checks;
  },
});

/** The five steps that JAX takes are those that are taken here, and the state after them is this library's. */
const toJax = async (settings: Settings, form: string, folder: string): Promise<Prepared> => {
  const step = stepOf(settings);
  const weights = model.init(key(3), toTensor(batches[0].x) as tf.Tensor2D);
  const first = await take(step, step.init(weights, key(4)), batches.slice(0, 5));
  rightOf(showCheckpointError)(
    await writeCheckpoint(saved(folder, 5), await train.toJax(first.state, settings.names), {
      format: 'pickle',
    })(),
  );
  const own = await take(step, first.state, batches.slice(5));
  return {
    what: `five steps here, five more in JAX: ${form}`,
    folder,
    compare: async (losses) => {
      const there = await read(saved(folder, 10), step, settings);
      const checks = [...compareLosses(losses, own.losses), ...compareStates(there, own.state)];
      [own.state, there].forEach(train.freeTrainState);
      return checks;
    },
  };
};

const writeInputs = (folder: string, settings: Settings): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings));
  const named = batches.flatMap(({ x, y }, n) => [[`x${n}`, x] as const, [`y${n}`, y] as const]);
  writeFileSync(join(folder, 'in.npz'), formatNpz(named));
};

/** Runs that move, in both directions. */
export const goOn = async (python: string, work: string): Promise<Group> => {
  const prepared: Prepared[] = [];
  for (const { form, ...rest } of forms)
    for (const beginsInJax of [true, false]) {
      const settings: Settings = { ...rest, beginsInJax };
      const folder = join(work, `${rest.optimizer}-${beginsInJax ? 'from' : 'to'}-jax`);
      writeInputs(folder, settings);
      prepared.push(beginsInJax ? fromJax(settings, form, folder) : await toJax(settings, form, folder));
    }
  const losses = (await runScript(python, 'go_on.py', ...prepared.map(({ folder }) => folder))) as Readonly<
    Record<string, readonly number[]>
  >;
  const findings: Finding[] = [];
  for (const { what, folder, compare } of prepared)
    findings.push(await finding(what, () => compare(losses[folder])));
  return {
    title: 'Trained in JAX, gone on with here, and the other way round',
    doc: "Haiku's parameters and state, optax's state, the number of steps and the key cross in a pickle after five steps. Losses of steps 6 to 10, and every array of the train state after them, are those of a run that did not move. The network has batch norm, layer norm and dropout; the rate warms up and falls.",
    findings,
  };
};
