/**
 * A place in a file's bytes that moves forward. Every length is compared with what is left before anything is read,
 * so that no declared size is believed.
 */
import type { Format } from './error.js';
import { refuse } from './error.js';

export class Cursor {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  offset = 0;
  /** Where the thing being read began: the offset that errors name. */
  start = 0;

  constructor(
    bytes: Uint8Array,
    readonly format: Format,
    readonly entry?: string,
  ) {
    // A Buffer's `slice` shares memory, a Uint8Array's copies: from here on only the latter is met.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.offset;
  }

  refuse(problem: string): never {
    return refuse({
      kind: this.format,
      offset: this.start,
      problem,
      ...(this.entry !== undefined && { entry: this.entry }),
    });
  }

  /** The next bytes, as a view. */
  take(length: number): Uint8Array {
    const from = this.skip(length);
    return this.bytes.subarray(from, this.offset);
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

  uint8(): number {
    return this.bytes[this.skip(1)];
  }

  uint16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }

  uint32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.skip(4), true);
  }

  /** Rounded above 2^53, far beyond any length that can be right. */
  uint64(): number {
    return Number(this.#view.getBigUint64(this.skip(8), true));
  }

  /** Big-endian, as pickles have their floats. */
  float64(): number {
    return this.#view.getFloat64(this.skip(8), false);
  }

  /** The bytes up to the next newline, which is stepped over. */
  line(longest: number): Uint8Array {
    const end = this.bytes.indexOf(10, this.offset);
    if (end < 0) this.refuse('truncated: a line has no end');
    if (end - this.offset > longest) this.refuse(`a line of ${end - this.offset} bytes`);
    const line = this.take(end - this.offset);
    this.offset++;
    return line;
  }
}
