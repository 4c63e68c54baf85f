/**
 * Inputs and parameters of a verification, made from random keys as its sentences say. People and this file read them:
 *
 *   images: uniform(key(7), [1,2,368,496,3], -1, 1)
 *   inputs: randint(key(7), [1,2048], 6, 262), zero from position 1500 on; input_mask: 1 before 1500, 0 after
 *   image points 482944..489215 and audio points 1155..1169
 */
import * as E from 'fp-ts/lib/Either.js';
import { array, type HostArray, int32, sizeOf } from '../../lib/data/array.js';
import { key, type Mode, normal, randint, uniform } from '../../lib/random/index.js';
import type { Points } from './original.js';

/** Inputs by name, and points to decode. */
export interface RecipeInputs {
  readonly arrays: Readonly<Record<string, HostArray>>;
  /** First and last output element to decode, by modality. */
  readonly points: Points;
}

/** Seeds and scales that parameters are made with. */
export interface RecipeParameters {
  readonly mode: Mode;
  readonly initKey: number;
  /** Scale of the normal noise that is added to each leaf, so that every leaf matters. */
  readonly noise: number;
  readonly noiseKey: number;
  readonly applyKey: number;
}

const draw =
  /^(\w+): (normal|uniform|randint)\(key\((\d+)\), \[([\d, ]+)\](?:, (-?[\d.]+), (-?[\d.]+))?\)(?:, zero from position (\d+) on)?$/;
const steps = /^(\w+): 1 before (\d+), 0 after$/;
const range = /(\w+) points (\d+)\.\.(\d+)/g;

const drawn = (distribution: string, seed: number, shape: number[], low: number, high: number): HostArray => {
  switch (distribution) {
    case 'normal':
      return normal(key(seed), shape);
    case 'uniform':
      return uniform(key(seed), shape, { min: low, max: high });
    default:
      return randint(key(seed), shape, low, high);
  }
};

/** The array with zeros from a position of axis 1 on. */
const zeroFrom = (whole: HostArray, position: number): HostArray => {
  const data = whole.data.slice() as Int32Array;
  const inner = sizeOf(whole.shape.slice(2));
  data.forEach((_, i) => {
    if (Math.floor(i / inner) % whole.shape[1] >= position) data[i] = 0;
  });
  return array(whole.shape, whole.dtype, data as never);
};

/** Makes the inputs, or says which of the sentences cannot be read. */
export const recipeInputs = (text: string): E.Either<string, RecipeInputs> => {
  const arrays: Record<string, HostArray> = {};
  const points: Record<string, [number, number]> = {};
  for (const sentence of text.split(/;\s*/)) {
    const array = draw.exec(sentence);
    const mask = steps.exec(sentence);
    const ranges = [...sentence.matchAll(range)];
    if (array) {
      const [, name, distribution, seed, shape, low = '0', high = '1', zero] = array;
      const whole = drawn(
        distribution,
        Number(seed),
        shape.split(',').map(Number),
        Number(low),
        Number(high),
      );
      arrays[name] = zero === undefined ? whole : zeroFrom(whole, Number(zero));
    } else if (mask) {
      const [rows, length] = Object.values(arrays)[0].shape;
      arrays[mask[1]] = int32(
        [rows, length],
        Array.from({ length: rows * length }, (_, i) => Number(i % length < Number(mask[2]))),
      );
    } else if (ranges.length) {
      for (const [, name, first, last] of ranges) points[name] = [Number(first), Number(last)];
    } else return E.left(`cannot read '${sentence}'`);
  }
  return E.right({ arrays, points });
};

/** Reads the sentence about parameters, or says what is missing in it. */
export const recipeParameters = (text: string): E.Either<string, RecipeParameters> => {
  const found = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? NaN);
  const read = {
    mode: /jax_threefry_partitionable = false/i.test(text) ? ('legacy' as const) : ('partitionable' as const),
    initKey: found(/init with key\((\d+)\)/),
    noise: found(/\+ ([\d.e-]+) \* normal/),
    noiseKey: found(/fold_in\(key\((\d+)\), i\)/),
    applyKey: found(/apply gets key\((\d+)\)/),
  };
  const missing = Object.entries(read).flatMap(([name, value]) => (Number.isNaN(value) ? [name] : []));
  return missing.length ? E.left(`cannot find ${missing.join(', ')} in '${text}'`) : E.right(read);
};
