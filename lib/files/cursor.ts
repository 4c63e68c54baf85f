/**
 * A place in a file's bytes that moves forward. Every length is compared with what is left before anything is read,
 * so that no declared size is believed. Of a file that is not in memory, a small window is held.
 */
import { refuse } from './error.js';
import { inMemory, type Source, sourceOf, within } from './source.js';

/** Bytes read at once of a file that is not in memory. */
const windowLength = 1 << 12;

export class Cursor {
  readonly source: Source;
  #window: Uint8Array;
  #view: DataView;
  #windowStart = 0;
  offset = 0;
  /** The start of the token that is read: the offset that errors name. */
  start = 0;

  constructor(
    from: Uint8Array | Source,
    /** The format, which errors name. */
    readonly format: string,
    readonly entry?: string,
  ) {
    this.source = sourceOf(from);
    this.#window = this.source.bytes ?? new Uint8Array();
    this.#view = viewOf(this.#window);
  }

  get length(): number {
    return this.source.length;
  }

  get left(): number {
    return this.source.length - this.offset;
  }

  refuse(problem: string): never {
    return refuse({
      kind: this.format,
      offset: this.start,
      problem,
      ...(this.entry !== undefined && { entry: this.entry }),
    });
  }

  /** The next bytes, as a view where they are in memory. */
  take(length: number): Uint8Array {
    const from = this.skip(length);
    if (length > windowLength && !this.source.bytes) return this.source.read(from, length);
    const at = this.#place(from, length);
    return this.#window.subarray(at, at + length);
  }

  /** The next bytes, which stay in the file when they are many. */
  part(length: number): Source {
    if (length <= windowLength) return inMemory(this.take(length));
    return within(this.source, this.skip(length), length);
  }

  /** Steps over bytes that must be there and says where they began. */
  skip(length: number): number {
    this.checkLeft(length);
    const from = this.offset;
    this.offset += length;
    return from;
  }

  /** Refuses a length that the rest of the file does not have. */
  checkLeft(length: number): void {
    if (length < 0) this.refuse(`a negative length, ${length}`);
    if (length > this.left)
      this.refuse(`length past the end: ${length} bytes are needed, ${this.left} are left`);
  }

  /** The place of a short range in the window; the window moves there if it must. */
  #place(from: number, length: number): number {
    const isThere = from >= this.#windowStart && from + length <= this.#windowStart + this.#window.length;
    if (!isThere) {
      this.#window = this.source.read(from, Math.min(windowLength, this.source.length - from));
      this.#view = viewOf(this.#window);
      this.#windowStart = from;
    }
    return from - this.#windowStart;
  }

  #field(width: number): number {
    return this.#place(this.skip(width), width);
  }

  uint8(): number {
    const at = this.#field(1);
    return this.#window[at];
  }

  uint16(): number {
    const at = this.#field(2);
    return this.#view.getUint16(at, true);
  }

  uint32(): number {
    const at = this.#field(4);
    return this.#view.getUint32(at, true);
  }

  int32(): number {
    const at = this.#field(4);
    return this.#view.getInt32(at, true);
  }

  /** Rounded above 2^53, far beyond any length that can be right. */
  uint64(): number {
    const at = this.#field(8);
    return Number(this.#view.getBigUint64(at, true));
  }

  /** Big-endian, as pickles have their floats. */
  float64(): number {
    const at = this.#field(8);
    return this.#view.getFloat64(at, false);
  }

  /** The bytes up to the next newline, which is stepped over. */
  line(longest: number): Uint8Array {
    const end = this.#find(10);
    if (end < 0) this.refuse('truncated: a line has no end');
    if (end - this.offset > longest) this.refuse(`a line of ${end - this.offset} bytes`);
    const line = this.take(end - this.offset);
    this.offset++;
    return line;
  }

  /** The offset of the next byte of a value; -1 when there is none. */
  #find(byte: number): number {
    const { length } = this.source;
    const windowEnd = this.#windowStart + this.#window.length;
    const isInWindow = this.offset >= this.#windowStart && this.offset < windowEnd;
    const near = isInWindow ? this.#window.indexOf(byte, this.offset - this.#windowStart) : -1;
    if (near >= 0) return this.#windowStart + near;
    for (let from = isInWindow ? windowEnd : this.offset; from < length; from += windowLength) {
      const found = this.source.read(from, Math.min(windowLength, length - from)).indexOf(byte);
      if (found >= 0) return from + found;
    }
    return -1;
  }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);
