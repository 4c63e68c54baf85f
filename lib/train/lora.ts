/**
 * Low-rank adapters (LoRA) of matrices: beside a frozen `w` [C, D] stand `lora_a` [C, rank] and `lora_b` [rank, D], and
 * modules read w + (alpha / rank) · a·b. Adapters are leaves of the parameter tree, so that steps, checkpoints and
 * optimizers treat them as any other.
 */
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray } from '../data/array.js';
import { adapterNames, isAdapter } from '../data/adapters.js';
import { count, positive } from '../data/config.js';
import { asTensor, type Leaf, type Params, toHostSync, toTensor } from '../data/leaf.js';
import { showShape } from '../data/shape.js';
import {
  at,
  flatten,
  joinPath,
  selects,
  type Selection,
  splitPath,
  type Tree,
  unflatten,
} from '../data/tree.js';
import { expectTree } from '../data/weights.js';
import { readAtOnce, tidy } from '../engine/index.js';
import type { ChangeParam } from '../language/intercept.js';
import { foldIn, type Key, normal } from '../random/index.js';
import { expectKey } from './expectState.js';
import { expectKnown } from '../data/nearest.js';
import { expectOptions, given } from './options.js';
import { expectSelected } from './selected.js';
import type { Loss } from './trainStep.js';

export interface LoraOptions {
  /** The matrices that get adapters, by path: `/attention\/linear_2\/w$/`. */
  readonly of: Selection;
  /** Columns of `lora_a`, rows of `lora_b`. */
  readonly rank: number;
  /** The product is scaled by alpha / rank; `rank` if not given, which leaves the product as it is. */
  readonly alpha?: number;
}

/** Adapters of some matrices: functions of parameter trees. */
export interface Lora {
  /** The parameters with adapters beside the selected matrices. The product begins at 0, so that nothing changes yet. */
  readonly init: (params: Params<HostArray>, key: Key) => Params<HostArray>;
  /** The hook for `apply` that adds the products, of parameters that have adapters. */
  readonly param: (params: Params<Leaf>) => ChangeParam;
  /**
   * A loss that hands its options to `apply`, with the hook among them. The loop finds the hook in it, and hands it to the
   * evaluation; a loss around this one has to keep its `adapters`.
   */
  readonly loss: <B>(loss: Loss<B>) => Loss<B>;
  /** Tells whether a path is an adapter's: `freeze: allBut(adapters.isAdapter)` trains adapters alone. */
  readonly isAdapter: (path: string) => boolean;
  /** The parameters with the products added to the matrices and without adapters: a checkpoint of the plain model. */
  readonly merge: (params: Params<HostArray>) => Params<HostArray>;
}

const [nameA, nameB] = adapterNames;

/** The adapters beside a matrix. */
const besides = <L extends Leaf>(params: Tree<L>, path: string): readonly [L, L] | undefined => {
  const [module, name] = splitPath(path);
  if (name !== 'w') return undefined;
  const [a, b] = [at(params, joinPath(module, nameA)), at(params, joinPath(module, nameB))];
  return a && b && [a, b];
};

/** The matrices of a selection. */
const matricesOf = (
  params: Tree<HostArray>,
  { of, rank }: Pick<LoraOptions, 'of' | 'rank'>,
): readonly (readonly [string, HostArray])[] => {
  expectSelected(
    'lora',
    of,
    flatten(params).map(([path]) => path),
    { each: true },
  );
  const selected = flatten(params).filter(([path]) => selects(of)(path));
  const wrong = selected.filter(([path, { shape }]) => splitPath(path)[1] !== 'w' || shape.length !== 2);
  if (wrong.length > 0) {
    const found = wrong.map(([path, { shape }]) => `${path} ${showShape(shape)}`).join(', ');
    throw new RangeError(`lora: found ${found}, expected matrices named w, as linear layers have them`);
  }
  const low = selected.find(([, { shape }]) => rank > Math.min(...shape));
  if (low)
    throw new RangeError(
      `lora: rank is ${rank}, expected at most ${Math.min(...low[1].shape)}, the rank that ${low[0]} ${showShape(low[1].shape)} itself ` +
        'can have: give a lower rank, or other matrices',
    );
  return selected;
};

/**
 * Low-rank adapters.
 * @throws RangeError for a rank or alpha that is not positive; from `init`, for a selection of no leaf or of leaves that
 *   are no matrices named `w`, and for a rank above that of a matrix
 * @example
 * const adapters = lora({ of: /\/linear\/w$/, rank: 4 });
 * const step = trainStep(adapters.loss(loss), adam(1e-3), { freeze: allBut(adapters.isAdapter) });
 * let state = step.init({ params: adapters.init(params, key(0)) }, key(1));
 * // … steps …
 * const merged = adapters.merge((await takeWeights(state)).params);
 * Source: arXiv:2106.09685, section 4.1: a is normal, b is 0.
 */
export const lora = (options: LoraOptions): Lora => {
  const { of, rank, alpha = rank } = options;
  expectKnown('lora', options, ['of', 'rank', 'alpha']);
  expectOptions('lora', { rank: [rank, count], ...given({ alpha: [options.alpha, positive] }) });
  selects(of, 'lora: of');
  const change = (value: tf.Tensor, [a, b]: readonly [Leaf, Leaf]): tf.Tensor => {
    const product = tf.matMul(asTensor(a) as tf.Tensor2D, asTensor(b) as tf.Tensor2D);
    return tf.add(value, alpha === rank ? product : tf.mul(product, alpha / rank));
  };
  const made = (path: string, [C, D]: readonly number[], key: Key) => {
    const [module] = splitPath(path);
    const a = normal(key, [C, rank]);
    return [
      [
        joinPath(module, nameA),
        float32(
          [C, rank],
          a.data.map((x) => x / Math.sqrt(C)),
        ),
      ],
      [joinPath(module, nameB), float32([rank, D], new Float32Array(rank * D))],
    ] as const;
  };
  const param: Lora['param'] =
    (params) =>
    (value, { path }) => {
      const pair = besides(params as Tree<Leaf>, path);
      return pair ? change(value, pair) : value;
    };
  return {
    param,
    loss: <B>(loss: Loss<B>): Loss<B> => {
      const adapted: Loss<B> = (weights, batch, options) =>
        loss(weights, batch, { ...options, param: param(weights.params) });
      return Object.assign(adapted, { adapters: { param, settings: { rank, alpha } } });
    },
    init: (params, key) => {
      expectTree('lora, init: params is', params);
      expectKey('lora, init', key);
      const there = flatten(params).find(([path]) => isAdapter(path));
      if (there)
        throw new RangeError(
          `lora, init: the parameters have adapters already, such as '${there[0]}', expected those of the plain model: ` +
            'merge them before, or go on with these',
        );
      const adapters = matricesOf(params, options).map(([path, { shape }], i) =>
        made(path, shape, foldIn(key, i)),
      );
      return unflatten([...flatten(params), ...adapters.flat()]) as Params<HostArray>;
    },
    isAdapter,
    merge: (params) => {
      expectTree('lora, merge: params is', params);
      const kept = flatten(params).filter(([path]) => !isAdapter(path));
      const merged = kept.map(([path, leaf]) => {
        const pair = besides(params, path);
        return [
          path,
          pair ? readAtOnce(() => tidy(() => toHostSync(change(toTensor(leaf), pair)))) : leaf,
        ] as const;
      });
      return unflatten(merged) as Params<HostArray>;
    },
  };
};
