/**
 * The program of a pickle, opcode by opcode, in protocol 4: numbers, texts, containers, calls, and a memo for what is
 * used twice. What the values of a checkpoint are made of is another file's matter.
 *
 * Source: CPython `Lib/pickletools.py`. Frames, which only help Python to read ahead, are left out.
 */
import type { Parts } from '../files/parts.js';
import { partsOf, type Source } from '../files/source.js';

/** Bytes that are there, or bytes that are asked for when the file is written. */
type Piece = Uint8Array | (() => Source);

const code = {
  mark: 0x28,
  stop: 0x2e,
  none: 0x4e,
  true: 0x88,
  false: 0x89,
  int: 0x4a,
  uint8: 0x4b,
  uint16: 0x4d,
  long: 0x8a,
  longLong: 0x8b,
  float: 0x47,
  shortText: 0x8c,
  text: 0x58,
  longText: 0x8d,
  shortBytes: 0x43,
  bytes: 0x42,
  longBytes: 0x8e,
  emptyDict: 0x7d,
  setItems: 0x75,
  emptyList: 0x5d,
  appends: 0x65,
  emptySet: 0x8f,
  addItems: 0x90,
  emptyTuple: 0x29,
  tuple1: 0x85,
  tuple2: 0x86,
  tuple3: 0x87,
  tuple: 0x74,
  global: 0x93,
  reduce: 0x52,
  newObject: 0x81,
  build: 0x62,
  memoize: 0x94,
  get: 0x68,
  longGet: 0x6a,
} as const;

const pieceLength = 1 << 16;

/** Each call adds to the program; most leave one more value on the unpickler's stack. */
export class PickleProgram {
  readonly #pieces: Piece[] = [];
  #piece = new Uint8Array(pieceLength);
  #length = 0;
  /** The index of a value in the unpickler's memo: texts and names by their spelling, all else by identity. */
  readonly #memo = new Map<unknown, number>();

  constructor() {
    this.#bytes([0x80, 4]);
  }

  /** Ends the program and gives its bytes. */
  finish(): Parts {
    this.#bytes([code.stop]);
    this.#cut();
    const pieces = this.#pieces;
    return () => partsOfPieces(pieces);
  }

  #bytes(bytes: ArrayLike<number>): void {
    if (this.#length + bytes.length > this.#piece.length) this.#cut(bytes.length);
    this.#piece.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #cut(needed = 0): void {
    if (this.#length > 0) this.#pieces.push(this.#piece.slice(0, this.#length));
    if (needed > this.#piece.length) this.#piece = new Uint8Array(needed);
    this.#length = 0;
  }

  #number(width: 1 | 2 | 4 | 8, value: number): void {
    const view = new DataView(new ArrayBuffer(width));
    if (width === 1) view.setUint8(0, value);
    else if (width === 2) view.setUint16(0, value, true);
    else if (width === 4) view.setUint32(0, value, true);
    else view.setBigUint64(0, BigInt(value), true);
    this.#bytes(new Uint8Array(view.buffer));
  }

  #op(opcode: number): void {
    this.#bytes([opcode]);
  }

  /** Writes a value and remembers it as `key`, or recalls it where it was written before. */
  once(key: unknown, write: () => void): void {
    if (this.recall(key)) return;
    write();
    this.remember(key);
  }

  /** Recalls what is remembered as `key`; says whether there is such a thing. */
  recall(key: unknown): boolean {
    const known = this.#memo.get(key);
    if (known === undefined) return false;
    this.#op(known < 256 ? code.get : code.longGet);
    this.#number(known < 256 ? 1 : 4, known);
    return true;
  }

  /** Remembers what was written last. */
  remember(key: unknown): void {
    this.#op(code.memoize);
    this.#memo.set(key, this.#memo.size);
  }

  none(): void {
    this.#op(code.none);
  }

  bool(value: boolean): void {
    this.#op(value ? code.true : code.false);
  }

  /** An integer of Python. */
  integer(value: number | bigint): void {
    if (typeof value === 'number' && value >= 0 && value < 256) return this.#bytes([code.uint8, value]);
    if (typeof value === 'number' && value >= 0 && value < 65536) {
      this.#op(code.uint16);
      return this.#number(2, value);
    }
    if (typeof value === 'number' && (value | 0) === value) {
      this.#op(code.int);
      return this.#number(4, value >>> 0);
    }
    this.#long(BigInt(value));
  }

  #long(value: bigint): void {
    const bytes: number[] = [];
    let rest = value;
    do {
      bytes.push(Number(BigInt.asUintN(8, rest)));
      rest >>= 8n;
    } while (BigInt.asIntN(8 * bytes.length, value) !== value);
    this.#op(bytes.length < 256 ? code.long : code.longLong);
    this.#number(bytes.length < 256 ? 1 : 4, bytes.length);
    this.#bytes(bytes);
  }

  float(value: number): void {
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value, false);
    this.#op(code.float);
    this.#bytes(new Uint8Array(view.buffer));
  }

  /** A text; the same text again is recalled. */
  text(text: string): void {
    this.once(`text ${text}`, () => {
      const bytes = new TextEncoder().encode(text);
      this.#sized([code.shortText, code.text, code.longText], bytes.length);
      this.#bytes(bytes);
    });
  }

  /** A text by its bytes in UTF-8, which are asked for when the file is written. */
  utf8(length: number, source: () => Source): void {
    this.#sized([code.shortText, code.text, code.longText], length);
    this.#cut();
    this.#pieces.push(source);
  }

  /** Bytes of Python, which are asked for when the file is written. */
  bytes(length: number, source: () => Source): void {
    this.#sized([code.shortBytes, code.bytes, code.longBytes], length);
    this.#cut();
    this.#pieces.push(source);
  }

  /** One of three opcodes, by how wide the length is that follows it. */
  #sized(opcodes: readonly [number, number, number], length: number): void {
    const size = length < 2 ** 8 ? 0 : length < 2 ** 32 ? 1 : 2;
    this.#op(opcodes[size]);
    this.#number(([1, 4, 8] as const)[size], length);
  }

  /** A dict, remembered as `key`; `entries` writes keys and values in turn. */
  dict(key: unknown, entries: () => void): void {
    this.#container(key, code.emptyDict, code.setItems, entries);
  }

  list(key: unknown, items: () => void): void {
    this.#container(key, code.emptyList, code.appends, items);
  }

  set(key: unknown, items: () => void): void {
    this.#container(key, code.emptySet, code.addItems, items);
  }

  #container(key: unknown, empty: number, add: number, items: () => void): void {
    this.#op(empty);
    this.remember(key);
    this.#op(code.mark);
    items();
    this.#op(add);
  }

  /** A tuple of so many values, which `items` writes. */
  tuple(length: number, items: () => void): void {
    if (length > 3) this.#op(code.mark);
    items();
    this.#op([code.emptyTuple, code.tuple1, code.tuple2, code.tuple3][length] ?? code.tuple);
  }

  /** A class or function by its module and name. */
  global(module: string, name: string): void {
    this.once(`global ${module} ${name}`, () => {
      this.text(module);
      this.text(name);
      this.#op(code.global);
    });
  }

  /** Writes the call of a function; it and a tuple of its arguments were written last. */
  reduce(): void {
    this.#op(code.reduce);
  }

  /** An object: its class and a tuple of what it is made of were written last. */
  newObject(): void {
    this.#op(code.newObject);
  }

  /** Gives the object that was written last the state that is written last. */
  build(): void {
    this.#op(code.build);
  }
}

function* partsOfPieces(pieces: readonly Piece[]): Generator<Uint8Array> {
  for (const piece of pieces) {
    if (typeof piece === 'function') yield* partsOf(piece());
    else yield piece;
  }
}
