/**
 * Small trainings of 200 steps in three engines: from the state of every tenth step loss and gradients are this library's
 * own; and so is the curve of losses where each engine goes its own way from the first state on.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { float32, type HostArray } from '../../lib/data/array.js';
import { isTensor, type Leaf, toHostSync } from '../../lib/data/leaf.js';
import { mapNest } from '../../lib/data/nest.js';
import { formatNpz } from '../../lib/checkpoint/index.js';
import { foldIn, key as newKey, normal } from '../../lib/random/index.js';
import { compileStep } from '../../lib/run/index.js';
import { exportJax } from '../../lib/stablehlo/index.js';
import * as train from '../../lib/train/index.js';
import { readArrays } from '../golden/case.js';
import type { Check } from '../golden/compare.js';
import { type Cells, compareGradients, findingOf, type Group } from './finding.js';
import { isArray, leavesIn, leavesOf } from './jaxCase.js';
import { title } from './presetsInEngines.js';
import { runScript } from './process.js';
import { type Named, numSteps, type SmallTraining } from './smallTrainings.js';

/** Steps between two states that are recorded. */
const every = 10;

type Watched = train.TrainStep<object, [train.TraceState, train.OptimizerState]>;
type State = ReturnType<Watched['init']>;

/** The step of a training with the gradient in its next state: a trace that forgets is the gradient. */
const watched = ({ step: { parts }, state }: SmallTraining): { step: Watched; state: State } => {
  const { loss, transformation, options } = parts;
  const step = train.trainStep(
    loss,
    train.chain(train.trace({ decay: 0 }), transformation),
    options,
  ) as Watched;
  const first = step.init(state, { mode: 'partitionable', words: [state.key.data[0], state.key.data[1]] });
  return { step, state: first };
};

/** Losses of all steps, and of the recorded ones their states and gradients. */
interface Run {
  readonly losses: readonly number[];
  readonly gradients: readonly (readonly HostArray[])[];
}

interface OwnRun extends Run {
  readonly batches: readonly object[];
  readonly states: readonly State[];
  /** Losses of a run from parameters that were moved by `nudge`. */
  readonly moved: readonly number[];
}

/** The share of its value that each of the first parameters is moved by, to see how far a run parts from itself. */
const nudge = 1e-7;

/** The first state with its parameters moved. */
const movedState = (state: State): State => {
  let n = 0;
  const move = (leaf: Leaf): HostArray => {
    const { shape, data } = isTensor(leaf) ? toHostSync(leaf) : leaf;
    const noise = normal(foldIn(newKey(11), n++), shape).data;
    return float32(
      shape,
      Float32Array.from(data as Float32Array, (x, i) => x * (1 + nudge * noise[i])),
    );
  };
  return { ...state, params: mapNest(state.params, isArray, move) as State['params'] };
};

const onHost = <S>(state: S): S =>
  mapNest(state, isArray, (leaf: Leaf) => (isTensor(leaf) ? toHostSync(leaf) : leaf)) as S;

const isRecorded = (n: number): boolean => n % every === 0;

const gradientIn = ({ optimizer: [{ trace }] }: State): train.Leaves => trace;

/** The losses of a run on the engine. */
const lossesFrom = async (step: Watched, first: State, batches: readonly object[]): Promise<number[]> => {
  const losses: number[] = [];
  let state = first;
  for (const batch of batches) {
    const next = step(state, batch);
    losses.push((await train.readMetrics(next.metrics)).loss);
    ({ state } = next);
  }
  train.freeTrainState(state);
  return losses;
};

const onEngine = async (step: Watched, first: State, training: SmallTraining): Promise<OwnRun> => {
  const { data, key } = training;
  const [losses, batches, states, gradients]: [number[], object[], State[], (readonly HostArray[])[]] = [
    [],
    [],
    [],
    [],
  ];
  let state = first;
  for (let n = 0; n < numSteps; n++) {
    const batch = await data.at(n, key);
    batches.push(batch);
    if (isRecorded(n)) states.push(onHost(state));
    const next = step(state, batch);
    const { loss, isFinite } = await train.readMetrics(next.metrics);
    if (isFinite !== 1) throw new Error(`step ${n}: loss or gradient is not finite`);
    losses.push(loss);
    ({ state } = next);
    const { layout, matrix } = gradientIn(state);
    if (isRecorded(n)) gradients.push(leavesIn(layout, toHostSync(matrix)));
  }
  train.freeTrainState(state);
  const moved = await lossesFrom(step, movedState(watched(training).state), batches);
  return { losses, batches, states, gradients, moved };
};

/** Losses and gradients of the recorded steps, and the losses of a run of one's own. */
interface OtherRun extends Run {
  readonly curve: readonly number[];
}

const onRuntime = async (
  step: Watched,
  { batches, states }: OwnRun,
  layout: train.Layout,
): Promise<OtherRun> => {
  await using compiled = compileStep<State, object>(step, { threads: 1 });
  const [losses, gradients, curve]: [number[], (readonly HostArray[])[], number[]] = [[], [], []];
  for (const [i, recorded] of states.entries()) {
    const { state, metrics } = await compiled(recorded, batches[i * every]);
    losses.push(metrics.loss);
    gradients.push(leavesIn(layout, gradientIn(await state.read()).matrix as unknown as HostArray));
  }
  let state: Parameters<typeof compiled>[0] = states[0];
  for (const batch of batches) {
    const next: Awaited<ReturnType<typeof compiled>> = await compiled(state, batch);
    curve.push(next.metrics.loss);
    ({ state } = next);
  }
  return { losses, gradients, curve };
};

const inJax = async (
  step: Watched,
  { batches, states }: OwnRun,
  layout: train.Layout,
  { python, folder }: { readonly python: string; readonly folder: string },
): Promise<OtherRun> => {
  mkdirSync(folder, { recursive: true });
  const program = exportJax(
    step as (state: State, batch: object) => unknown,
    [states[0], batches[0]] as never,
  );
  writeFileSync(join(folder, 'step.jax'), program);
  const named = (prefix: string, nests: readonly unknown[]) =>
    nests.flatMap((nest, n) => leavesOf([nest]).map((array, i) => [`${prefix}${n}/${i}`, array] as const));
  writeFileSync(join(folder, 'in.npz'), formatNpz([...named('state', states), ...named('batch', batches)]));
  await runScript(python, 'run_training.py', folder, String(numSteps), String(every));
  const found = readArrays(join(folder, 'out.npz'));
  const numbers = (name: string): number[] => [...(found.get(name)?.data as Float32Array)];
  return {
    losses: numbers('losses'),
    gradients: states.map((_, i) =>
      layout.slots.map(({ path }) => found.get(`gradient${i}/${path}`) as HostArray),
    ),
    curve: numbers('curve'),
  };
};

/** Differences of losses as shares of the first ones. */
const partings = (losses: readonly number[], others: readonly number[]): readonly number[] =>
  losses.map((loss, i) => Math.abs(others[i] - loss) / Math.abs(loss));

const largestParting = ({ losses, moved }: Pick<OwnRun, 'losses' | 'moved'>): number =>
  Math.max(...partings(losses, moved));

/** Losses as shares of this library's own. */
const compareLosses = (
  found: readonly number[],
  own: readonly number[],
  tolerance: number,
  stepOf: (i: number) => number,
): Check[] =>
  partings(own, found).map((error, i) => ({ array: `loss of step ${stepOf(i)}`, error, tolerance }));

/** The steps that a curve can be told in: those before this library's run parts from itself by more than a thousandth. */
const toldIn = ({ losses, moved }: OwnRun): number => {
  const end = partings(losses, moved).findIndex((parting) => parting > 1e-3);
  return end < 0 ? losses.length : end;
};

const compareCurves = (found: readonly number[], own: OwnRun): Check[] =>
  compareLosses(found, own.losses, 1e-2, (i) => i).slice(0, toldIn(own));

const cellsOf = (engine: string, found: OtherRun, own: OwnRun): Cells => ({
  [`${engine}: gradients`]: own.gradients.flatMap((each, i) => compareGradients(found.gradients[i], each)),
  [`${engine}: losses`]: compareLosses(
    found.losses,
    own.losses.filter((_, n) => isRecorded(n)),
    1e-4,
    (i) => i * every,
  ),
  [`${engine}: curve`]: compareCurves(found.curve, own),
});

const tryTraining = async (python: string, folder: string, training: SmallTraining): Promise<Cells> => {
  const { step, state } = watched(training);
  const { layout } = gradientIn(state);
  const own = await onEngine(step, state, training);
  const error = largestParting(own);
  return {
    ...cellsOf('onnxruntime', await onRuntime(step, own, layout), own),
    ...cellsOf('JAX', await inJax(step, own, layout, { python, folder }), own),
    'moved by 1e-7: curve': [{ array: 'losses', error, tolerance: error }],
  };
};

const doc = `Small trainings take 200 steps. From the recorded state of every tenth step, each engine computes the loss and the gradients of that step, with the same dropout; at most 1e-4 is allowed. The curve is the losses of all steps where each engine goes on from its own states; at most 1e-2 of the loss is allowed.

The last column is no check: it is how far this library's own run parts from itself where its first parameters are moved by ${nudge.toExponential()} of their values. Where that is more than a thousandth of the loss, the curve is chaotic from this step on, and is compared before it.

Fine-tuning of a head, as \`renga finetune\` does it, is the row of the decoder alone: all other leaves are frozen. Writing by Perceiver AR is the row of copying: the same model and loss, on text in the place of copies.`;

/** One of the small trainings. */
export const trainingInEngines =
  ({ what, make, doc: note }: Named) =>
  async (python: string, work: string): Promise<Group> => ({
    title,
    doc: note ?? doc,
    findings: [await findingOf(`training: ${what}`, () => tryTraining(python, work, make()))],
  });
