/**
 * Leaves: the values at the ends of a tree. A leaf is a host array, owned by the garbage collector, or a placed tensor,
 * which its owner frees. `apply` takes either.
 */
/// <reference lib="esnext.disposable" preserve="true" />
import * as tf from '@tensorflow/tfjs-core';
import { array, bytesPerElement, type HostArray, toFloat32 } from './array.js';
import { partsOf } from './nest.js';
import { openTensor } from './openArray.js';
import { map, type Tree } from './tree.js';

export type Leaf = HostArray | tf.Tensor;

declare const adopted: unique symbol;

/**
 * Parameters that a model can be applied to: made by `init`, or by `adopt` from a tree that somebody else made. The brand
 * exists in the types alone; a tree without it does not compile where `apply` asks for `Params`.
 */
export type Params<A extends Leaf = Leaf> = Tree<A> & { readonly [adopted]: 'params' };

/** State that a model can be applied to: batch norm's moving averages, for example. */
export type State<A extends Leaf = Leaf> = Tree<A>;

/** The weights of a model, as data: its parameters and, where it has any, its state. */
export interface Weights<A extends Leaf = Leaf> {
  readonly params: Params<A>;
  readonly state?: State<A>;
}

/** Tells whether a value is a tensor. */
export const isTensor = (value: unknown): value is tf.Tensor =>
  typeof value === 'object' &&
  value !== null &&
  // `instanceof tf.Tensor` reads `data`, which would load an array that is still in its file.
  'dataSync' in value &&
  value instanceof tf.Tensor;

/** Tells whether a part of a nest is a host array; one that is still in its file is not read for it. */
export const isHostArray = (part: unknown): part is HostArray =>
  typeof part === 'object' &&
  part !== null &&
  'shape' in part &&
  'data' in part &&
  Object.hasOwn(bytesPerElement, (part as HostArray).dtype) &&
  !isTensor(part);

/** Tells whether a part of a nest is an array, on the host or on the engine. */
export const isArray = (part: unknown): part is Leaf => isTensor(part) || isHostArray(part);

const integers = new Set(['int8', 'int16', 'int32', 'uint8', 'uint16', 'uint32', 'int64', 'uint64']);

/** The dtype of a tensor with an array's values: int32 for integers, bool for bool, float32 otherwise. */
export const tensorType = ({ dtype }: Pick<HostArray, 'dtype'>): 'float32' | 'int32' | 'bool' => {
  if (dtype === 'bool') return 'bool';
  return integers.has(dtype) ? 'int32' : 'float32';
};

/** The elements of a tensor with an array's values; the array's own memory if it has that type already. */
export const tensorValues = (leaf: HostArray): Float32Array | Int32Array | Uint8Array => {
  if (leaf.dtype === 'bool' || leaf.dtype === 'int32') return leaf.data as Uint8Array | Int32Array;
  return integers.has(leaf.dtype) ? Int32Array.from(leaf.data as Int16Array, Number) : toFloat32(leaf);
};

/**
 * A new tensor with the array's values. A draw from a random key that is an input of a function that is written down
 * becomes the tensor of the draw.
 */
export const toTensor = (leaf: HostArray): tf.Tensor =>
  openTensor(leaf.data) ?? tf.tensor(tensorValues(leaf), [...leaf.shape], tensorType(leaf));

/** The leaf as a tensor: itself, or a new one of its numbers. */
export const asTensor = (leaf: Leaf): tf.Tensor => (isTensor(leaf) ? leaf : toTensor(leaf));

const fromValues = (tensor: tf.Tensor, values: tf.TypedArray | string[]): HostArray => {
  const dtype = tensor.dtype === 'bool' ? 'bool' : tensor.dtype === 'int32' ? 'int32' : 'float32';
  return array(tensor.shape, dtype, values as Float32Array & Int32Array & Uint8Array);
};

/** The tensor's values as a host array; waits for a backend that computes elsewhere. */
export const toHost = async (tensor: tf.Tensor): Promise<HostArray> =>
  fromValues(tensor, await tensor.data());

/** The leaf as a host array: itself, or the values of a tensor. */
export const asHost = async (leaf: Leaf): Promise<HostArray> => (isTensor(leaf) ? toHost(leaf) : leaf);

/**
 * Waits until the values of tensors, anywhere in a nest, can be read at once: WebGPU computes while the program goes on,
 * and its results cannot be read before they are awaited.
 */
export const awaitValues = async (nest: unknown): Promise<void> => {
  if (tf.getBackend() === 'webgpu') await Promise.all(partsOf(nest, isTensor).map((tensor) => tensor.data()));
};

/** The tensor's values as a host array, at once. @throws Error where they have to be awaited */
export const toHostSync = (tensor: tf.Tensor): HostArray => fromValues(tensor, tensor.dataSync());

/**
 * Uploads a tree once, so that many applies share it. Frees its tensors when disposed of; leaves that were tensors
 * already stay their owner's.
 * @example using weights = place(params); model.apply(weights, {}, x);
 */
export const place = <T extends Tree<Leaf>>(tree: T): Placed<T> => {
  const owned: tf.Tensor[] = [];
  const upload = (leaf: HostArray): tf.Tensor => {
    const tensor = tf.keep(toTensor(leaf));
    owned.push(tensor);
    return tensor;
  };
  const placed = map(tree as Tree<Leaf>, (leaf) => (isTensor(leaf) ? leaf : upload(leaf)));
  const dispose = () => owned.splice(0).forEach((tensor) => tensor.dispose());
  Object.defineProperty(placed, Symbol.dispose, { value: dispose });
  return placed as unknown as Placed<T>;
};

/** The same tree, on the engine; `T` keeps its brand. */
export type Placed<T extends Tree<Leaf>> = (T extends Params ? Params<tf.Tensor> : Tree<tf.Tensor>) &
  Disposable;
