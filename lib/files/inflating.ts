/**
 * Deflated bytes as a source: inflated when they are read, into exactly the room that they declare, and checked; a
 * few bytes from the beginning without the rest.
 */
import { Inflate, inflateSync } from 'fflate';
import { crc32 } from './crc32.js';
import { allOf, partsOf, type Source } from './source.js';

/** Declared facts of the inflated bytes, and the error if they are not true. */
export interface Declared {
  readonly size: number;
  readonly crc: number;
  readonly fail: (problem: string) => never;
}

/** The inflated bytes. A part of them costs as much as all, unless it lies at the beginning. */
export const inflating = (packed: Source, declared: Declared): Source => ({
  length: declared.size,
  isWhole: true,
  read: (offset, length) =>
    offset + length <= longestBeginning && length < declared.size
      ? beginning(packed, offset + length, declared).subarray(offset)
      : inflated(packed, declared).subarray(offset, offset + length),
});

const damaged = 'damaged: not a deflate stream of the declared size';

const inflated = (packed: Source, { size, crc, fail }: Declared): Uint8Array => {
  const contents = inflateAll(packed, size) ?? fail(damaged);
  if (contents.length !== size) fail(`inflates to ${contents.length} bytes; ${size} are declared`);
  if (crc32(contents) !== crc) fail('damaged: its checksum is not the one declared');
  return contents;
};

const inflateAll = (packed: Source, size: number): Uint8Array | undefined => {
  try {
    return inflateSync(allOf(packed), { out: new Uint8Array(size) });
  } catch {
    return undefined;
  }
};

const longestBeginning = 1 << 16;
/** Compressed bytes inflated at once; each may become a thousand. */
const stepLength = 1 << 12;

const beginning = (packed: Source, length: number, { fail }: Declared): Uint8Array => {
  const out = new Uint8Array(length);
  let filled = 0;
  stream(packed, fail, (chunk) => {
    out.set(chunk.subarray(0, length - filled), filled);
    filled = Math.min(length, filled + chunk.length);
    return filled < length;
  });
  return filled === length ? out : fail(damaged);
};

/** Compares size and checksum with those declared, without holding what is inflated. */
export const checkInflating = (packed: Source, { size, crc, fail }: Declared): void => {
  let [length, sum] = [0, 0];
  stream(packed, fail, (chunk) => {
    length += chunk.length;
    sum = crc32(chunk, sum);
    return length <= size;
  });
  const found = length > size ? 'more' : `${length} bytes`;
  if (length !== size) fail(`inflates to ${found}; ${size} are declared`);
  if (sum !== crc) fail('damaged: its checksum is not the one declared');
};

/** Hands on what is inflated, chunk by chunk, as long as more is wanted. */
const stream = (packed: Source, fail: Declared['fail'], take: (chunk: Uint8Array) => boolean): void => {
  let isWanted = true;
  const inflate = new Inflate((chunk) => {
    isWanted &&= take(chunk);
  });
  let left = packed.length;
  for (const part of partsOf(packed)) {
    for (let from = 0; from < part.length && isWanted; from += stepLength) {
      const step = part.subarray(from, from + stepLength);
      left -= step.length;
      push(inflate, step, left === 0, fail);
    }
    if (!isWanted) return;
  }
};

const push = (inflate: Inflate, step: Uint8Array, isLast: boolean, fail: Declared['fail']): void => {
  try {
    inflate.push(step, isLast);
  } catch {
    fail(damaged);
  }
};
