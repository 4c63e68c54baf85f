/**
 * Reads MessagePack, the form in which Flax saves: bytes to the same data that pickles become, or the first thing that
 * is refused and where. Bytes and arrays are views of the bytes given.
 *
 * It is written out here because a reader of strangers' files must not make room for what a length merely claims, nor
 * follow any depth; lists within lists that each claim to be long end a process in the usual libraries.
 *
 * Source: the MessagePack specification (msgpack/spec.md).
 */
import type * as E from 'fp-ts/lib/Either.js';
import { Cursor } from '../files/cursor.js';
import type { CheckpointError } from './error.js';
import { attempt } from './error.js';
import { flaxArray, unchunked } from './flaxArray.js';
import { NumberKeys, tooManyNumberKeys } from './numberKeys.js';
import type { PickleDict, PickleValue } from './pickleValue.js';
import { describe, pickleBytes } from './pickleValue.js';
import type { Source } from '../files/source.js';
import { decodeText } from './text.js';

/**
 * The value of a file that `flax.serialization` wrote: mappings, arrays, and Python's plain values. Arrays that Flax
 * cut into chunks, above a gibibyte, are put together again.
 */
export const parseMsgpack = (bytes: Uint8Array): E.Either<CheckpointError, PickleValue> =>
  attempt(() => readMsgpack(bytes));

/** `parseMsgpack` for the inside of an `attempt`; the elements of large arrays stay where they are. */
export const readMsgpack = (from: Uint8Array | Source): PickleValue => {
  const reader = new Reader(from);
  const value = reader.value(0);
  reader.finish();
  return value;
};

/** True if bytes begin as a mapping whose first key is text does, which is how Flax saves. */
export const isMsgpack = (bytes: Uint8Array): boolean => {
  const [first] = bytes;
  const header = first === 0xde ? 3 : first === 0xdf ? 5 : first > 0x80 && first <= 0x8f ? 1 : undefined;
  return header !== undefined && isText(bytes[header]);
};

const isText = (code: number): boolean => (code >= 0xa0 && code <= 0xbf) || (code >= 0xd9 && code <= 0xdb);

/** Containers within containers, as in pickles. */
const deepest = 100;
/** Far above what checkpoints hold, and small enough to be held. */
const mostValues = 500_000;

type Step = (reader: Reader, depth: number) => PickleValue;

class Reader {
  readonly cursor: Cursor;
  readonly #numberKeys: NumberKeys;
  #values = 0;

  constructor(from: Uint8Array | Source) {
    this.cursor = new Cursor(from, 'msgpack');
    this.#numberKeys = new NumberKeys(from.length);
    if (from.length === 0) this.cursor.refuse('an empty file');
  }

  /** The next value, within `depth` containers. */
  value(depth: number): PickleValue {
    const { cursor } = this;
    cursor.start = cursor.offset;
    if (depth > deepest) cursor.refuse(`too deep: more than ${deepest} containers within each other`);
    if (++this.#values > mostValues) cursor.refuse(`more than ${mostValues} values`);
    const code = cursor.uint8();
    const step = steps[code] ?? cursor.refuse(`unknown code 0x${code.toString(16)}`);
    return step(this, depth);
  }

  finish(): void {
    const { cursor } = this;
    cursor.start = cursor.offset;
    if (cursor.left > 0) cursor.refuse(`${cursor.left} bytes after the end`);
  }

  /** An integer of some bytes, the greatest first. */
  unsigned(width: number): number | bigint {
    const high = width === 8 ? this.unsigned(4) : 0;
    let low = 0;
    for (const byte of this.cursor.take(Math.min(width, 4))) low = low * 256 + byte;
    return width === 8 ? narrow((BigInt(high) << 32n) + BigInt(low)) : low;
  }

  signed(width: number): number | bigint {
    return narrow(BigInt.asIntN(8 * width, BigInt(this.unsigned(width))));
  }

  length(width: number): number {
    return Number(this.unsigned(width));
  }

  float(width: 4 | 8): number {
    const { buffer, byteOffset } = this.cursor.take(width);
    const view = new DataView(buffer, byteOffset, width);
    return width === 4 ? view.getFloat32(0) : view.getFloat64(0);
  }

  text(length: number): PickleValue {
    const source = this.cursor.part(length);
    return decodeText(source, 'utf-8') ?? this.cursor.refuse('text that is not utf-8');
  }

  list(length: number, depth: number): PickleValue {
    const offset = this.cursor.start;
    this.cursor.checkLeft(length);
    const items: PickleValue[] = [];
    for (let i = 0; i < length; i++) items.push(this.value(depth + 1));
    return { kind: 'list', offset, items };
  }

  dict(length: number, depth: number): PickleValue {
    const dict: PickleDict = { kind: 'dict', offset: this.cursor.start, entries: new Map() };
    this.cursor.checkLeft(2 * length);
    for (let i = 0; i < length; i++) {
      const key = this.value(depth + 1);
      this.checkKey(dict, key);
      dict.entries.set(key, this.value(depth + 1));
    }
    this.cursor.start = dict.offset;
    return unchunked(this.cursor, dict) ?? dict;
  }

  checkKey({ entries }: PickleDict, key: PickleValue): void {
    if (typeof key === 'object' && key !== null) this.cursor.refuse(`${describe(key)} for a key`);
    if (key === '__proto__') this.cursor.refuse('the key "__proto__", which no module or leaf is called');
    if (this.#numberKeys.isOneTooMany(key)) this.cursor.refuse(tooManyNumberKeys);
    if (entries.has(key)) this.cursor.refuse(`a second entry of one key, ${describe(key)}`);
  }

  /** Flax's own types: 1, an array; 2, a complex number; 3, a NumPy scalar. */
  extension(length: number, depth: number): PickleValue {
    const { cursor } = this;
    const offset = cursor.start;
    cursor.checkLeft(length + 1);
    const type = cursor.uint8();
    const end = cursor.offset + length;
    if (type < 1 || type > 3) cursor.refuse(`an extension of type ${type}; Flax has 1 to 3`);
    const of = this.value(depth + 1);
    cursor.start = offset;
    if (cursor.offset !== end) cursor.refuse('an extension whose contents do not fit its length');
    return flaxArray(cursor, type, of);
  }
}

const narrow = (n: bigint): number | bigint => (Number.isSafeInteger(Number(n)) ? Number(n) : n);

const same = <A>(count: number, make: (i: number) => A): readonly A[] =>
  Array.from({ length: count }, (_, i) => make(i));

const sized =
  (read: (reader: Reader, length: number, depth: number) => PickleValue) =>
  (width: number): Step =>
  (reader, depth) =>
    read(reader, reader.length(width), depth);

const bytes = sized((reader, length) => pickleBytes(reader.cursor.part(length)));
const text = sized((reader, length) => reader.text(length));
const list = sized((reader, length, depth) => reader.list(length, depth));
const dict = sized((reader, length, depth) => reader.dict(length, depth));
const extension = sized((reader, length, depth) => reader.extension(length, depth));

/** Readers by first byte; undefined for a byte that begins nothing. */
const steps: readonly (Step | undefined)[] = [
  ...same(
    128,
    (n): Step =>
      () =>
        n,
  ),
  ...same(
    16,
    (n): Step =>
      (reader, depth) =>
        reader.dict(n, depth),
  ),
  ...same(
    16,
    (n): Step =>
      (reader, depth) =>
        reader.list(n, depth),
  ),
  ...same(
    32,
    (n): Step =>
      (reader) =>
        reader.text(n),
  ),
  () => null,
  undefined,
  () => false,
  () => true,
  ...[1, 2, 4].map(bytes),
  ...[1, 2, 4].map(extension),
  ...([4, 8] as const).map(
    (width): Step =>
      (reader) =>
        reader.float(width),
  ),
  ...[1, 2, 4, 8].map(
    (width): Step =>
      (reader) =>
        reader.unsigned(width),
  ),
  ...[1, 2, 4, 8].map(
    (width): Step =>
      (reader) =>
        reader.signed(width),
  ),
  ...[1, 2, 4, 8, 16].map(
    (n): Step =>
      (reader, depth) =>
        reader.extension(n, depth),
  ),
  ...[1, 2, 4].map(text),
  ...[2, 4].map(list),
  ...[2, 4].map(dict),
  ...same(
    32,
    (n): Step =>
      () =>
        n - 32,
  ),
];
