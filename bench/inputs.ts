/**
 * The values of a work's inputs, the same ones in every process.
 */
import { integers, uniform } from './fill.js';
import { sizeOf } from './ops.js';
import type { InputSpec } from './work.js';

/** int32 for ids, float32 for all else; a mask lets three quarters of the positions be there. */
export const inputValues = ({ name, shape, kind, range = 3 }: InputSpec): Float32Array | Int32Array => {
  const size = sizeOf(shape);
  if (kind === 'ids') return integers(name, size, 0, range);
  if (kind === 'mask') return Float32Array.from({ length: size }, (_, i) => Number(i < 0.75 * size));
  if (kind === 'causalMask') {
    const [queries, keys] = shape.slice(-2);
    return Float32Array.from({ length: size }, (_, i) => {
      const query = Math.floor(i / keys) % queries;
      return Number((i % keys) - query <= keys - queries);
    });
  }
  return uniform(name, size, 0, range);
};
