/**
 * Adafactor's second moment, which keeps the means of rows and columns of a large matrix in the place of its elements.
 * Its state is a tree for each kind of mean, leaf by leaf, as optax has it.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../data/array.js';
import { integer, natural, nonNegative, positive } from '../data/config.js';
import { flatten, mapWithPath, type Tree, unflatten } from '../data/tree.js';
import { type Layout, type Leaves, pack, unpack } from './leaves.js';
import { countFrom } from './averaging.js';
import { expectKnown } from '../data/nearest.js';
import { expectOptions } from './options.js';
import { type Transformation, transformation } from './transformation.js';

type Tensors = Tree<tf.Tensor>;

export interface FactoredState {
  readonly [name: string]: tf.Tensor | Tensors;
  readonly count: tf.Tensor;
  /** Means over the largest axis; [1] for a leaf that is not factored. */
  readonly vRow: Tensors;
  /** Means over the second largest axis; [1] for a leaf that is not factored. */
  readonly vCol: Tensors;
  /** The elements' own; [1] for a leaf that is factored. */
  readonly v: Tensors;
}

/** Options of the factored second moment. */
export interface FactoredOptions {
  /** False to keep a second moment for every element; true if not given. */
  readonly factored?: boolean;
  /** The power of the count in the moment's decay, 1 − count ^ −decayRate; 0.8 if not given. */
  readonly decayRate?: number;
  /** Updates that do not count, for a run that goes on from another; 0 if not given. */
  readonly stepOffset?: number;
  /** Both axes must be as long as this for a leaf to be factored; 128 if not given. */
  readonly minDimSizeToFactor?: number;
  /** Added to squared gradients; 1e-30 if not given. */
  readonly epsilon?: number;
}

/** The two largest axes, the smaller first; undefined for a leaf that is not factored. */
const axesOf = (shape: Shape, { factored = true, minDimSizeToFactor = 128 }: FactoredOptions) => {
  if (!factored || shape.length < 2) return undefined;
  const sorted = shape
    .map((size, axis) => ({ size, axis }))
    .sort((a, b) => a.size - b.size || a.axis - b.axis);
  const [second, first] = sorted.slice(-2);
  return second.size < minDimSizeToFactor ? undefined : { d1: second.axis, d0: first.axis };
};

const without = (shape: Shape, axis: number): number[] => shape.filter((_, i) => i !== axis);

const nothing = (): tf.Tensor => tf.zeros([1]);

/** A leaf's means, and its gradient over their root. */
interface Step {
  readonly vRow: tf.Tensor;
  readonly vCol: tf.Tensor;
  readonly v: tf.Tensor;
  readonly update: tf.Tensor;
}

const moved = (moment: tf.Tensor, value: tf.Tensor, decay: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(decay, moment), tf.mul(tf.sub(1, decay), value));

const factoredStep = (
  g: tf.Tensor,
  { vRow, vCol }: Pick<Step, 'vRow' | 'vCol'>,
  { d1, d0 }: { readonly d1: number; readonly d0: number },
  decay: tf.Tensor,
  epsilon: number,
): Step => {
  const squared = tf.add(tf.square(g), epsilon);
  const rows = moved(vRow, tf.mean(squared, d0), decay);
  const columns = moved(vCol, tf.mean(squared, d1), decay);
  const mean = tf.mean(rows, d1 > d0 ? d1 - 1 : d1, true);
  const byRow = tf.expandDims(tf.rsqrt(tf.div(rows, mean)), d0);
  const byColumn = tf.expandDims(tf.rsqrt(columns), d1);
  return { vRow: rows, vCol: columns, v: nothing(), update: tf.mul(tf.mul(g, byRow), byColumn) };
};

const plainStep = (g: tf.Tensor, v: tf.Tensor, decay: tf.Tensor, epsilon: number): Step => {
  const moment = moved(v, tf.add(tf.square(g), epsilon), decay);
  return { vRow: nothing(), vCol: nothing(), v: moment, update: tf.mul(g, tf.rsqrt(moment)) };
};

const treeOf = ({ slots }: Layout, f: (shape: Shape) => tf.Tensor): Tensors =>
  unflatten(slots.map(({ path, shape }) => [path, f(shape)]));

/** Division by a root mean square of which rows and columns are kept. Source: optax `scale_by_factored_rms`. */
export const scaleByFactoredRms = (options: FactoredOptions = {}): Transformation<FactoredState> => {
  const { decayRate = 0.8, stepOffset = 0, epsilon = 1e-30, minDimSizeToFactor = 128 } = options;
  expectKnown('scaleByFactoredRms', options, [
    ...['factored', 'decayRate', 'stepOffset', 'minDimSizeToFactor', 'epsilon'],
  ]);
  expectOptions('scaleByFactoredRms', {
    decayRate: [decayRate, positive],
    stepOffset: [stepOffset, integer],
    epsilon: [epsilon, nonNegative],
    minDimSizeToFactor: [minDimSizeToFactor, natural],
  });
  const axes = (shape: Shape) => axesOf(shape, options);
  const init = ({ layout }: Leaves): FactoredState => ({
    count: countFrom.zero(),
    vRow: treeOf(layout, (shape) => (axes(shape) ? tf.zeros(without(shape, axes(shape)!.d0)) : nothing())),
    vCol: treeOf(layout, (shape) => (axes(shape) ? tf.zeros(without(shape, axes(shape)!.d1)) : nothing())),
    v: treeOf(layout, (shape) => (axes(shape) ? nothing() : tf.zeros([...shape]))),
  });
  return transformation(
    {
      init,
      update: (grads, state) => {
        const step = tf.add(tf.cast(state.count, 'float32'), 1 - stepOffset);
        const decay = tf.sub(1, tf.pow(step, -decayRate));
        const [rows, columns, own] = [state.vRow, state.vCol, state.v].map((tree) => new Map(flatten(tree)));
        const steps = mapWithPath(unpack(grads), (path, g): Step => {
          const [vRow, vCol, v] = [rows, columns, own].map((tree) => tree.get(path)!);
          const factors = axes(g.shape);
          return factors
            ? factoredStep(g, { vRow, vCol }, factors, decay, epsilon)
            : plainStep(g, v, decay, epsilon);
        });
        const part = (name: keyof Step): Tensors => mapWithPath(steps, (_path, each) => each[name]);
        return {
          updates: pack(part('update'), grads.layout),
          state: { count: countFrom.next(state.count), vRow: part('vRow'), vCol: part('vCol'), v: part('v') },
        };
      },
    },
    {
      scaleByFactoredRms: {
        decayRate,
        stepOffset,
        epsilon,
        minDimSizeToFactor,
        factored: options.factored ?? true,
      },
    },
  );
};
