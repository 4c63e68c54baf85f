/**
 * Open arrays: host arrays whose numbers a program computes, such as a draw from a random key that is an input of a
 * function that is being written down. They become tensors as other host arrays do, by `toTensor`; their numbers cannot be read.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { DataOf, DType, HostArray, Shape } from './array.js';

const makeTensor = Symbol('makeTensor');

interface OpenData {
  readonly [makeTensor]: () => Tensor;
}

/** Properties that are asked of any value, of which this one has none. */
const absent: readonly unknown[] = ['then', 'toJSON', 'constructor'];

const refuse = (): never => {
  throw new Error(
    'the numbers of this draw are not known while the function is written down: make it a tensor by toTensor(…) of ' +
      "'renga', which the program records",
  );
};

const traps: ProxyHandler<OpenData> = {
  get: (target, name) => {
    if (name === makeTensor) return target[makeTensor];
    const isAsked = typeof name === 'string' ? !absent.includes(name) : name === Symbol.iterator;
    return isAsked ? refuse() : undefined;
  },
  // tfjs asks for it of values that a tensor is to be made of.
  has: (_target, name) => (name === 'texture' ? refuse() : name === makeTensor),
};

/** A host array whose numbers are those of a tensor; `make` makes it, each time that it is asked for. */
export const openArray = <D extends DType>(shape: Shape, dtype: D, make: () => Tensor): HostArray<D> => {
  const target: OpenData = { [makeTensor]: make };
  Object.defineProperty(target, makeTensor, { enumerable: false });
  return { shape, dtype, data: new Proxy(target, traps) as unknown as DataOf[D] };
};

/** A new tensor of an open array; undefined for arrays whose numbers are known. */
export const openTensor = (data: unknown): Tensor | undefined =>
  typeof data === 'object' && data !== null && makeTensor in data
    ? (data as OpenData)[makeTensor]()
    : undefined;
