/**
 * Sources of bytes: memory, or a file that is read by offset when some of it is needed. Readers of formats
 * know this and no file system, so that one reader serves a page and an 800 MB file alike.
 */
import type { FilePlace } from '../data/array.js';

export interface Source {
  readonly length: number;
  /** A range that lies within; a view where the bytes are in memory. Files may fail here, by throwing. */
  readonly read: (offset: number, length: number) => Uint8Array;
  /** All of it, where it is in memory. */
  readonly bytes?: Uint8Array;
  /** True if a part costs as much as all of it. */
  readonly isWhole?: boolean;
  /** The first byte's place in a file; undefined where the bytes do not lie in one as they are read. */
  readonly place?: () => FilePlace | undefined;
}

/** A class, because a file can ask for hundreds of thousands of these, and closures take three times the room. */
class Memory implements Source {
  constructor(readonly bytes: Uint8Array) {}

  get length(): number {
    return this.bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    return this.bytes.subarray(offset, offset + length);
  }
}

/** Bytes in memory. */
export const inMemory = (given: Uint8Array): Source => {
  // A Buffer's `slice` shares memory, a Uint8Array's copies: from here on only the latter is met.
  const isPlain = given.constructor === Uint8Array;
  return new Memory(isPlain ? given : new Uint8Array(given.buffer, given.byteOffset, given.byteLength));
};

/** A source as it is, or one of bytes. */
export const sourceOf = (from: Uint8Array | Source): Source => ('read' in from ? from : inMemory(from));

/** A range of a source, as a source of its own. */
export const within = (source: Source, offset: number, length: number): Source =>
  source.bytes
    ? inMemory(source.bytes.subarray(offset, offset + length))
    : {
        length,
        isWhole: source.isWhole,
        read: (from, count) => source.read(offset + from, count),
        place: () => {
          const place = source.place?.();
          return place && { ...place, offset: place.offset + offset };
        },
      };

/** All bytes of a source. */
export const allOf = (source: Source): Uint8Array => source.bytes ?? source.read(0, source.length);

/** The number of bytes read at once of a source that is only passed on. */
const partLength = 1 << 24;

/** All bytes, in parts of at most 16 MiB where they can be parted, so that a file is never held whole. */
export function* partsOf(source: Source): Generator<Uint8Array> {
  const step = source.isWhole ? source.length : partLength;
  for (let offset = 0; offset < source.length; offset += step) {
    yield source.read(offset, Math.min(step, source.length - offset));
  }
}
