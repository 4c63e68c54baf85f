/**
 * Arrays and nothing else among the arguments and in the result of a function for JAX, whose trees have None in the place of
 * all that is no array.
 */
import type { HostArray } from '../data/array.js';
import { isHostArray, toTensor } from '../data/leaf.js';
import { isPacked, isPlain, mapNest } from '../data/nest.js';
import { isInput, isResult } from '../graph/traceFunction.js';

type AnyFunction = (...args: readonly unknown[]) => unknown;

const isNothing = (part: unknown): boolean => part === undefined || part === null;

/** Tells parts of nests that JAX's trees have no place for: numbers, texts, dates and the like. */
const isForeign = (part: unknown): part is unknown =>
  !isNothing(part) &&
  !Array.isArray(part) &&
  !isPacked(part) &&
  !isResult(part) &&
  !isInput(part) &&
  !isPlain(part);

const showForeign = (part: unknown): string => {
  if (typeof part === 'string') return `the text '${part}'`;
  if (typeof part === 'object') return `a ${(part as object).constructor.name}`;
  return typeof part === 'function' ? 'a function' : `the ${typeof part} ${String(part)}`;
};

/** @throws TypeError for an argument with a part that is no array and no key, which JAX would have as None */
export const expectArrays = (where: string, specs: readonly unknown[]): void => {
  const isEnd = (part: unknown): part is unknown => isInput(part) || isForeign(part);
  mapNest(specs, isEnd, (part, path) => {
    if (isInput(part)) return;
    throw new TypeError(
      `${where}: the argument at '${path.join('.')}' is ${showForeign(part)}, expected a shape, an array or a random key: give ` +
        "{ shape: [], dtype: 'int32' }, or another dtype, for a number that the caller gives, and write a number that never " +
        'changes into the function, such as (x) => f(x, 3)',
    );
  });
};

/** True for host arrays whose numbers are known. */
const isKnown = (part: unknown): part is HostArray => isHostArray(part) && !isResult(part);

/**
 * The function with tensors in the places of host arrays in its result.
 * @throws TypeError where the result has a part that is no array, which JAX would have as None
 */
export const withArrays =
  (where: string, f: AnyFunction): AnyFunction =>
  (...args) => {
    const isEnd = (part: unknown): part is unknown => isResult(part) || isKnown(part) || isForeign(part);
    return mapNest(f(...args), isEnd, (part, path) => {
      if (isResult(part)) return part;
      if (isKnown(part)) return toTensor(part);
      const place = path.length === 0 ? 'is' : `has at '${path.join('.')}'`;
      throw new TypeError(
        `${where}: the result ${place} ${showForeign(part)}, expected arrays, such as tf.scalar(3) or float32([2], [1, 2]), ` +
          'and null for None: leave it out, or make an array of it',
      );
    });
  };
