/**
 * The shape-only reading of a program: every parameter's name, shape and initialiser, its state and the shapes of its
 * outputs, without touching data.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../data/array.js';
import { emptyLike, readAtOnce, withoutData } from '../engine/index.js';
import {
  isArray,
  isHostArray,
  isTensor,
  type Params,
  type State,
  tensorType,
  toHostSync,
  toTensor,
} from '../data/leaf.js';
import { isRecord, type ArraySpec, mapNest, partsOf, type SpecOf, type Specs } from '../data/nest.js';
import { type Key, key, keySequence, type LazyKey } from '../random/index.js';
import type { ModuleKind } from '../data/moduleKind.js';
import { few } from '../data/few.js';
import { showShape } from '../data/shape.js';
import { expectKnown } from '../data/nearest.js';
import { kindOf } from '../data/weights.js';
import { initReading, type ParamSpec, StateComplete } from './reading.js';
import { runProgram } from './program.js';
import type { Layer } from './scope.js';
import { map, mapWithPath, splitPath, type Tree } from '../data/tree.js';

/** The shapes of a program: its parameters, state and outputs. */
export interface Outline<B = unknown> {
  /** In the order in which they are first asked for. */
  readonly params: Tree<ParamSpec>;
  readonly state: Tree<ArraySpec>;
  /** Kinds of the modules by their paths, in the order in which they are declared. */
  readonly kinds: Readonly<Record<string, ModuleKind>>;
  /** The outputs, with specs in the places of tensors. */
  readonly outputs: Specs<B>;
  /** Number of random keys that one reading draws. */
  readonly draws: number;
  /** Number of times that one reading makes or sets an entry of the state. */
  readonly stateChanges: number;
}

/** A tensor, a host array or its shape and dtype, and nothing else: other records may have a `shape` of their own. */
export const isSpec = (part: unknown): part is ArraySpec =>
  isTensor(part) ||
  (typeof part === 'object' &&
    part !== null &&
    Array.isArray((part as ArraySpec).shape) &&
    (isHostArray(part) || Object.keys(part).every((name) => name === 'shape' || name === 'dtype')));

/**
 * Refuses inputs that are no list of arrays and shapes, and layers that are no functions.
 * @throws TypeError
 */
export const expectInputs = (where: string, layer: unknown, inputs: unknown): void => {
  if (typeof layer !== 'function')
    throw new TypeError(
      isRecord(layer) && 'network' in layer
        ? `${where}: the layer is a model, expected its network, as model.network is`
        : `${where}: the layer is ${kindOf(layer)}, expected one, such as linear(3)`,
    );
  if (Array.isArray(inputs)) return;
  throw new TypeError(
    `${where}: the inputs are ${isSpec(inputs) ? 'an array or a shape outside of a list' : kindOf(inputs)}, expected a list ` +
      `with an array or a shape for each input, such as ${where}(layer, ${where === 'exportOnnx' ? 'weights, ' : ''}[{ shape: [1, 4] }])`,
  );
};

/** Tensors without data, with the shapes of a nest's arrays and specs. @throws Error outside of `withoutData` */
export const blank = <A>(inputs: SpecOf<A>): A =>
  mapNest(inputs, isSpec, (part) =>
    emptyLike({ shape: part.shape, dtype: isHostArray(part) ? tensorType(part) : (part.dtype ?? 'float32') }),
  ) as A;

/** @throws Error where a spec stands in the place of an array */
const expectArrays = (inputs: unknown, stateful: readonly string[]): void => {
  const [spec] = partsOf(inputs, isSpec).filter((part) => !isArray(part));
  if (!spec) return;
  const of = stateful.length === 0 ? '' : ` of ${few(stateful.map((path) => `'${path}'`)).join(', ')}`;
  throw new Error(
    `the state${of} begins with a first batch: give arrays, not shapes such as ${showShape(spec.shape)}`,
  );
};

const specOf = ({ shape, dtype }: tf.Tensor): ArraySpec => ({ shape, dtype: dtype as ArraySpec['dtype'] });

/**
 * Reads a program's shapes.
 * @param inputs  the list of them: arrays, or `{ shape, dtype }` in their places
 * @throws ShapeError where shapes do not fit; NoDataError where a layer reads values to decide what to do
 * @example outline(linear(3), [{ shape: [2, 6] }]).params // { linear: { w: { shape: [6, 3], … }, b: … } }
 */
export const outline = <A extends readonly unknown[], B>(
  layer: Layer<A, B>,
  inputs: SpecOf<A>,
  options: { readonly isTraining?: boolean } = {},
): Outline<B> => {
  expectInputs('outline', layer, inputs);
  expectKnown('outline', options, ['isTraining']);
  const { isTraining = true } = options;
  return withoutData(() => {
    // Any key will do: nobody sees the numbers drawn with it.
    const { reading, asked, release } = initReading({ isTraining, key: key(0) });
    try {
      const outputs = mapNest(runProgram(reading, layer, blank<A>(inputs)), isTensor, specOf) as Specs<B>;
      const { params, kinds, state, draws, stateChanges } = asked();
      return { params, kinds, draws, stateChanges, outputs, state: map(state, specOf) };
    } finally {
      release();
    }
  });
};

/** The values that an outline's parameters have by seed, one at a time: Haiku's, for the same key. */
export const initialValue = (outlined: Outline, root: Key): ((path: string, name: string) => HostArray) => {
  const next = keySequence(root);
  const keys: LazyKey[] = Array.from({ length: outlined.draws }, () => next());
  return (path, name) => {
    const { shape, initializer, draw } = outlined.params[path][name];
    return initializer.sample(shape, draw === undefined ? undefined : keys[draw]());
  };
};

/** All parameters of an outline by seed. */
export const initialParams = (outlined: Outline, root: Key): Params<HostArray> => {
  const value = initialValue(outlined, root);
  return mapWithPath(outlined.params, (path) => value(...splitPath(path))) as Params<HostArray>;
};

/**
 * The state that a first run leaves, in training mode if not given otherwise: each entry's first value, or else the value
 * that was set first. The run ends when the state is complete.
 * @param stateChanges  those of the outline
 * @param stateful      the paths of the modules with state, for the error
 * @throws Error when an input is a shape without numbers
 */
export const initialState = <A extends readonly unknown[], B>(
  layer: Layer<A, B>,
  params: Params<HostArray>,
  root: Key,
  inputs: SpecOf<A>,
  {
    isTraining = true,
    stateChanges,
    stateful = [],
  }: {
    readonly isTraining?: boolean;
    readonly stateChanges?: number;
    readonly stateful?: readonly string[];
  } = {},
): State<HostArray> => {
  expectArrays(inputs, stateful);
  const make = (path: string, name: string) => params[path][name];
  const { reading, asked, release } = initReading({ isTraining, key: root, make, stateChanges });
  try {
    return readAtOnce(() =>
      tf.tidy(() => {
        try {
          runProgram(reading, layer, mapNest(inputs, isHostArray, toTensor) as A);
        } catch (error) {
          if (!(error instanceof StateComplete)) throw error;
        }
        return map(asked().state, toHostSync) as never;
      }),
    );
  } finally {
    release();
  }
};
