/**
 * The benchmark's works as the library does them: by its presets, its layers and its functions.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Params, State } from '../../lib/data/leaf.js';
import { key } from '../../lib/random/index.js';
import { outline } from '../../lib/language/outline.js';
import type { Layer } from '../../lib/language/scope.js';
import { transformWithState } from '../../lib/language/transform.js';
import { at, mapWithPath, splitPath, type Tree } from '../../lib/data/tree.js';
import { valueAndGrad } from '../../lib/language/valueAndGrad.js';
import * as modules from '../../modules/index.js';
import type { AnyModel, AnyPreset } from '../../presets/preset.js';
import { presets } from '../../presets/index.js';
import { count } from '../count.js';
import type { Ops } from '../ops.js';
import { crossEntropy, descend } from '../training.js';
import type { LibraryCall, Points, Span, Work } from '../work.js';
import { rengaOps } from './rengaOps.js';

type Param = Ops<tf.Tensor>['param'];
type Tensors = readonly tf.Tensor[];
export type Run = (inputs: Tensors) => Tensors;

interface Spec {
  readonly shape: readonly number[];
  readonly dtype?: string;
}

/** A tree with the benchmark's values in the places of its specs; counters count `one`. */
export const filled = <A>(
  tree: Tree<Spec>,
  param: (path: string, leaf: string, shape: readonly number[]) => A,
  one: () => A,
): Tree<A> =>
  mapWithPath(tree, (path, { shape, dtype }) =>
    dtype === 'int32' ? one() : param(...splitPath(path), shape),
  );

const one = (): tf.Tensor => tf.keep(tf.scalar(1, 'int32'));

interface Outlined {
  readonly params: Tree<Spec>;
  readonly state: Tree<Spec>;
}

/** Parameters and state for an outline, of the benchmark's values. */
const weightsFor = ({ params, state }: Outlined, param: Param) => ({
  params: filled(params, param, one) as Params<tf.Tensor>,
  state: filled(state, param, one) as State<tf.Tensor>,
});

const span = ({ first, count }: Span): number[] => Array.from({ length: count }, (_, i) => first + i);

/**
 * A preset's arguments: its inputs one by one, or a clip and what to decode of it.
 * @param zeros  makes an input of a shape, as the others are made
 */
export const argumentsOf = <A>(
  model: AnyModel | undefined,
  points: Points | undefined,
  inputs: readonly A[],
  zeros: (shape: number[]) => A,
): readonly unknown[] => {
  if (!points || !model) return inputs;
  const [image, audio] = inputs;
  const label = zeros([1, model.config.numClasses]);
  return [
    { image, audio, label },
    { image: span(points.image), audio: span(points.audio) },
  ];
};

/** A model's outputs, in the order in which the other engines have them. */
export const outputsOf = <A extends object>(output: A | Readonly<Record<string, A>>): readonly A[] => {
  if ('shape' in output) return [output as A];
  const { image, audio, label } = output as Readonly<Record<string, A>>;
  return [image, audio, label];
};

/** The published model, or one that differs from it. */
export const presetOf = ({ name, changes }: LibraryCall & { kind: 'preset' }): AnyModel => {
  if (!Object.hasOwn(presets, name)) throw new Error(`there is no preset '${name}'`);
  return (presets as unknown as Readonly<Record<string, AnyPreset>>)[name](changes);
};

const presetRun = (call: LibraryCall & { kind: 'preset' }, param: Param): Run => {
  const model = presetOf(call);
  const { params, state } = weightsFor(model.outline, param);
  return (inputs) =>
    outputsOf(
      model.apply(params, state, {}, ...argumentsOf(model, call.points, inputs, (shape) => tf.zeros(shape)))
        .output,
    );
};

type AnyLayer = Layer<readonly tf.Tensor[], tf.Tensor>;

export const layerOf = ({ constructor, options }: LibraryCall & { kind: 'layer' }): AnyLayer => {
  const constructors = modules as unknown as Readonly<
    Record<string, (...given: readonly unknown[]) => AnyLayer>
  >;
  return constructors[constructor](...options);
};

/** The outline of the preset or layer by which the library does a work; undefined for other works. */
export const outlineOf = ({ library, inputs }: Work): Outlined | undefined => {
  if (library.kind === 'preset') return presetOf(library).outline;
  if (library.kind !== 'layer') return undefined;
  const specs = inputs.map(({ shape, kind }) => ({
    shape,
    dtype: kind === 'ids' ? ('int32' as const) : ('float32' as const),
  }));
  return outline(layerOf(library), specs);
};

const layerRun = (call: LibraryCall & { kind: 'layer' }, work: Work, param: Param): Run => {
  const layer = layerOf(call);
  const { params, state } = weightsFor(outlineOf(work) as Outlined, param);
  const { apply } = transformWithState(layer);
  return (inputs) => [apply(params, state, {}, ...inputs).output];
};

const functions: Readonly<Record<string, (x: tf.Tensor) => tf.Tensor>> = {
  flowPatches: (frames) => {
    const pairs = modules.spaceToDepth(modules.patchesForFlow(frames), { temporal: 2 });
    return tf.squeeze(pairs, [1]);
  },
  spaceToDepth: (frames) => modules.spaceToDepth(frames, { spatial: 4 }),
};

/** The loss, the gradients and the new parameters, leaf by leaf in the order of their names. */
const trainingRun = (call: LibraryCall & { kind: 'preset' }, names: readonly string[], param: Param): Run => {
  const model = presetOf(call);
  const { params, state } = weightsFor(model.outline, param);
  const leaves = (tree: Tree<tf.Tensor>): tf.Tensor[] => names.map((name) => at(tree, name) as tf.Tensor);
  return (given) => {
    const [inputs, labels] = [given.slice(0, -1), given[given.length - 1]];
    const step = valueAndGrad((trained: Params) => {
      const { output, state: aux } = model.apply(
        trained,
        state,
        { isTraining: true, key: key(0) },
        ...inputs,
      );
      return { loss: crossEntropy(tf, output as tf.Tensor, labels), aux };
    });
    const { value, grads } = step(params as Params);
    const slopes = leaves(grads);
    return [value, ...slopes, ...descend(tf, leaves(params), slopes)];
  };
};

/** The library's run of a work. */
export const runOf = (work: Work, param: Param): Run => {
  const { library, program } = work;
  if (work.group === 'training' && library.kind === 'preset') {
    const { params } = count(
      program,
      work.inputs.map(({ shape }) => shape),
    );
    return trainingRun(
      library,
      params.map(({ path, leaf }) => `${path}/${leaf}`),
      param,
    );
  }
  switch (library.kind) {
    case 'preset':
      return presetRun(library, param);
    case 'layer':
      return layerRun(library, work, param);
    case 'function':
      return ([x]) => [functions[library.name](x)];
    case 'operations': {
      const ops = rengaOps(param);
      return (inputs) => program(ops, inputs);
    }
  }
};
