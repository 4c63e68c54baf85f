/**
 * Random draws by our own kernel: a part at a time on the heap, copied from there to the array that is filled. The bits
 * are those of the JavaScript form, whatever the number of threads and whether SIMD is relaxed.
 */
import type { Distribution } from '../../random/distribution.js';
import { type Filler, javaScript } from '../../random/fill.js';
import type { Key } from '../../random/key.js';
import { logarithms } from '../../random/logarithm.js';
import { type Native, nativeOf } from '../wasm/native.js';
import type { BackendWasm } from './heap.js';

/** Draws below which JavaScript is done before the kernel has begun. */
const worthKernel = 2 ** 10;
/** Draws below which it is not worth to wake another thread. */
const worthThreads = 2 ** 18;

/** Blocks of a part: half a megabyte of first words, and as much of second words, stays in the second cache. */
const part = 2 ** 17;
/** The kernel writes a few words more than it is asked for. */
const bytesOfPart = (part + 32) * Float32Array.BYTES_PER_ELEMENT;

/** A distribution as the kernel takes it: its number and its numbers; see assembly/draw.ts. */
const argumentsOf = (distribution?: Distribution): readonly number[] => {
  if (!distribution) return [0, 0, 0, 0, 0, 0, 0];
  const { kind, min, span } = distribution;
  const uniform = [min, span * 2 ** -23];
  if (kind === 'uniform') return [1, ...uniform, 0, 0, 0, 0];
  const { lowest, highest, scale, shift } = distribution;
  return [2, ...uniform, lowest, highest, scale, shift];
};

/** The blocks of a draw in one of JAX's modes; lib/random/words.ts says what they are. */
const blocksOf = ({ mode }: Key, size: number) => {
  const isLegacy = mode === 'legacy';
  const count = isLegacy ? Math.ceil(size / 2) : size;
  return {
    isLegacy,
    count,
    /** Counters of a block. */
    counters: (block: number) => (isLegacy ? [block, count + block] : [Math.floor(block / 2 ** 32), block]),
    /** The block whose second counter is 0. */
    last: isLegacy && size % 2 === 1 ? count - 1 : undefined,
  };
};

/** Some blocks of a draw, and where on the heap their words go. */
interface Part {
  readonly block: number;
  readonly blocks: number;
  readonly first: number;
  readonly second: number;
}

/** An array of the heap's. */
type ViewOf = (address: number, count: number) => Uint32Array | Float32Array;

/**
 * Draws in the room that products take for packing. While a part is copied from there, other threads begin with the
 * next one.
 */
const fill = (
  { exports, pool, memory, packed }: Native,
  key: Key,
  out: Uint32Array | Float32Array,
  viewOf: ViewOf,
  distribution?: Distribution,
): void => {
  if (out.length >= worthThreads) pool.wake();
  const table = packed();
  const rooms = [0, 2].map((i) => table + logarithms.byteLength + i * bytesOfPart);
  exports.settle();
  new Float64Array(memory.buffer, table, logarithms.length).set(logarithms);
  const [kind, ...numbers] = argumentsOf(distribution);
  const { isLegacy, count, counters, last = -1 } = blocksOf(key, out.length);
  const parts = Array.from({ length: Math.ceil(count / part) }, (_, i) => {
    const [block, first] = [i * part, rooms[i % 2]];
    return { block, blocks: Math.min(part, count - block), first, second: first + bytesOfPart };
  });
  const begin = ({ block, blocks, first, second }: Part): void => {
    const places = [blocks, first, isLegacy ? second : 0];
    exports.beginDraw(kind, ...key.words, ...counters(block), last - block, ...places, ...numbers, table);
  };
  const copy = ({ block, blocks, first, second }: Part): void => {
    out.set(viewOf(first, blocks), block);
    if (isLegacy) out.set(viewOf(second, Math.min(blocks, out.length - count - block)), count + block);
  };
  begin(parts[0]);
  parts.forEach((here, i) => {
    exports.settle();
    if (i + 1 < parts.length) begin(parts[i + 1]);
    copy(here);
  });
};

/** Draws by the kernels of a backend, for as long as it has any. */
export const drawsOn = (backend: BackendWasm): Filler => {
  const nativeFor = ({ length }: Uint32Array | Float32Array): Native | undefined =>
    length < worthKernel ? undefined : nativeOf(backend);
  return {
    words: (key, out) => {
      const native = nativeFor(out);
      if (!native) return javaScript.words(key, out);
      fill(native, key, out, (address, count) => new Uint32Array(native.memory.buffer, address, count));
    },
    floats: (key, out, distribution) => {
      const native = nativeFor(out);
      if (!native) return javaScript.floats(key, out, distribution);
      const viewOf: ViewOf = (address, count) => new Float32Array(native.memory.buffer, address, count);
      fill(native, key, out, viewOf, distribution);
    },
  };
};
