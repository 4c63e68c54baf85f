/** The weights of the small models: numbers that follow from names, as `test/goldens/huggingFace/make.py` has them. */
import { readFileSync } from 'node:fs';
import { array, float32, type HostArray, type Shape, sizeOf } from '../../../lib/data/array.js';
import type { Architecture } from '../../../presets/huggingFace/families.js';

/** The stored values of a class of Hugging Face's. */
export interface Stored {
  readonly config: Readonly<Record<string, unknown>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** A small model, with what PyTorch computed. */
export interface Tiny extends Stored {
  readonly outputs: Readonly<Record<string, { readonly shape: Shape; readonly data: readonly number[] }>>;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(`test/goldens/huggingFace/${name}.json`, 'utf8'));

export const published = read('published') as Readonly<Record<Architecture, Stored>>;
export const tiny = read('tiny') as Readonly<Record<Architecture, Tiny>>;

/** FNV-1a of a name. */
const seedOf = (name: string): number =>
  [...new TextEncoder().encode(name)].reduce((hash, byte) => Math.imul(hash ^ byte, 16777619), 2166136261);

/** Numbers from -1 to 1 that follow from a name: Murmur3's finaliser of the place, begun at its seed. */
export const values = (name: string, shape: Shape): Float64Array => {
  const seed = seedOf(name);
  return Float64Array.from({ length: sizeOf(shape) }, (_, i) => {
    let x = Math.imul(i, 2654435761) + seed;
    x ^= x >>> 16;
    x = Math.imul(x, 0x85ebca6b);
    x ^= x >>> 13;
    x = Math.imul(x, 0xc2b2ae35);
    x ^= x >>> 16;
    return (x >>> 0) / 2 ** 31 - 1;
  });
};

/** A weight as large as it must be for every part of a model to matter. */
const weight = (name: string, shape: Shape): HostArray => {
  if (name.endsWith('num_batches_tracked')) return array([], 'int64', BigInt64Array.of(7n));
  const made = (change: (u: number) => number) => float32(shape, values(name, shape).map(change));
  if (name.endsWith('running_var')) return made((u) => 1 + u / 2);
  if (name.endsWith('.weight') && shape.length === 1) return made((u) => 1 + u / 4);
  const fanIn = sizeOf(shape.slice(1));
  if (name.endsWith('.weight') && !name.includes('embeddings')) return made((u) => u * Math.sqrt(3 / fanIn));
  return made((u) => u / 2);
};

/** All weights of a model by Hugging Face's names. */
export const weightsOf = ({ shapes }: Stored): ReadonlyMap<string, HostArray> =>
  new Map(Object.entries(shapes).map(([name, shape]) => [name, weight(name, shape)]));
