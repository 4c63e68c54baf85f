/**
 * Values by name: the same ones in every process and every engine, without anything being sent. Small, and such that
 * activations keep their size through deep models, as trained parameters do.
 */
import { type Shape, sizeOf } from './ops.js';

/** FNV-1a. */
const hash = (text: string): number => {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0 || 1;
};

/** Uniform numbers in [centre − radius, centre + radius): xorshift32. */
export const uniform = (name: string, size: number, centre: number, radius: number): Float32Array => {
  const values = new Float32Array(size);
  let state = hash(name);
  for (let i = 0; i < size; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    values[i] = centre + state * 2 ** -31 * radius;
  }
  return values;
};

/** Uniform whole numbers in [from, to). */
export const integers = (name: string, size: number, from: number, to: number): Int32Array =>
  Int32Array.from(uniform(name, size, (from + to) / 2, (to - from) / 2), (x) =>
    Math.min(to - 1, Math.max(from, Math.floor(x))),
  );

/** Centre and radius for each kind of leaf; matrices keep the variance of what they multiply. */
const rangeOf = (path: string, leaf: string, shape: Shape): readonly [centre: number, radius: number] => {
  switch (leaf) {
    case 'w':
      return [0, Math.sqrt(3 / sizeOf(shape.slice(0, -1)))];
    case 'scale':
      return [1, 0.1];
    case 'embeddings':
      return [0, 1];
    default:
      return [path.endsWith('var_ema') ? 1 : 0, 0.1];
  }
};

/** The values of a trained array. */
export const paramValues = (path: string, leaf: string, shape: Shape): Float32Array =>
  uniform(`${path}/${leaf}`, sizeOf(shape), ...rangeOf(path, leaf, shape));
