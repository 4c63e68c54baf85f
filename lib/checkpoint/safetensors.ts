/**
 * safetensors: a header that names every tensor with its type, shape and place, and then nothing but their bytes. A
 * file is refused unless its ranges tile those bytes: no overlap, no hole, nothing after the last.
 *
 * Source: the format's description in the README of huggingface/safetensors; limits as in its `tensor.rs`.
 */
import type * as E from 'fp-ts/lib/Either.js';
import { bytesPerElement, type DType, type HostArray, sizeOf } from '../data/array.js';
import type { CheckpointError } from './error.js';
import { attempt, refuse } from './error.js';
import { declaredSize, elementsOf, FileArray } from './fileArray.js';
import { hasLoneSurrogate, shown } from './jsonReader.js';
import { joined, type Parts } from '../files/parts.js';
import { formatHeader, readHeader, type TensorEntry } from './safetensorsHeader.js';
import { type Source, sourceOf, partsOf, within } from '../files/source.js';
import { refuseTree } from './valueTree.js';

/** The contents of a safetensors file. */
export interface Safetensors {
  readonly arrays: ReadonlyMap<string, FileArray>;
  /** Texts about the file: where it is from, the config of its model. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** The tensors of a safetensors file by name, in the order of its header, as views of its bytes. */
export const parseSafetensors = (bytes: Uint8Array): E.Either<CheckpointError, Safetensors> =>
  attempt(() => readSafetensors(bytes));

/**
 * True if bytes begin as a safetensors file does: eight bytes of length and a brace. A length that is far too large
 * is still recognised by the quote after it, so that it can be told.
 */
export const isSafetensors = (start: Uint8Array): boolean =>
  start[8] === 0x7b && (start.subarray(4, 8).every((byte) => byte === 0) || start[9] === 0x22);

const longestHeader = 100_000_000;

/** `parseSafetensors` for the inside of an `attempt`. Of the tensors themselves nothing is read. */
export const readSafetensors = (from: Uint8Array | Source): Safetensors => {
  const source = sourceOf(from);
  const start = 8 + headerLength(source);
  const { tensors, metadata } = readHeader(source.read(8, start - 8));
  const data = within(source, start, source.length - start);
  const arrays = new Map<string, FileArray>();
  for (const [name, entry] of tensors) arrays.set(name, arrayOf(name, entry, data));
  checkTiling(tensors, data.length);
  return { arrays, metadata };
};

const headerLength = (source: Source): number => {
  const left = source.length - 8;
  if (left < 2) return fail(0, `${source.length} bytes, too few for a header`);
  const { buffer, byteOffset } = source.read(0, 8);
  const length = Number(new DataView(buffer, byteOffset).getBigUint64(0, true));
  if (length > left) fail(0, `a header past the end: ${length} bytes are declared, ${left} are left`);
  if (length > longestHeader) fail(0, `a header of ${length} bytes; at most ${longestHeader} are read`);
  return length;
};

const fail = (offset: number, problem: string): never => refuse({ kind: 'safetensors', offset, problem });

const failTensor = (name: string, { offset }: TensorEntry, problem: string): never =>
  fail(offset, `tensor ${shown(name)}: ${problem}`);

const dtypes: ReadonlyMap<string, DType> = new Map<string, DType>([
  ['F64', 'float64'],
  ['F32', 'float32'],
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['I64', 'int64'],
  ['I32', 'int32'],
  ['I16', 'int16'],
  ['I8', 'int8'],
  ['U64', 'uint64'],
  ['U32', 'uint32'],
  ['U16', 'uint16'],
  ['U8', 'uint8'],
  ['BOOL', 'bool'],
]);

const spellings: ReadonlyMap<DType, string> = new Map([...dtypes].map(([name, dtype]) => [dtype, name]));

const arrayOf = (name: string, entry: TensorEntry, data: Source): FileArray => {
  const { shape, begin, end } = entry;
  const dtype =
    dtypes.get(entry.dtype) ??
    failTensor(
      name,
      entry,
      `elements of type ${shown(entry.dtype)}; read are ${[...dtypes.keys()].join(', ')}`,
    );
  const needed = (declaredSize(shape) ?? NaN) * bytesPerElement[dtype];
  if (end < begin) failTensor(name, entry, `a range that ends before it begins: ${begin} to ${end}`);
  if (end > data.length)
    failTensor(name, entry, `a range past the end: it ends at ${end}, and there are ${data.length} bytes`);
  if (end - begin !== needed) {
    const size = `${dtype} of shape [${shape.join(', ')}] needs ${needed} bytes`;
    failTensor(name, entry, `${size}, its range has ${end - begin}`);
  }
  return new FileArray({ dtype, isLittleEndian: true, shape, bytes: within(data, begin, end - begin) });
};

/** Ranges that overlap, and bytes that are no tensor's, are how one file pretends to be another. */
const checkTiling = (tensors: ReadonlyMap<string, TensorEntry>, length: number): void => {
  const inOrder = [...tensors].sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  let next = 0;
  for (const [name, entry] of inOrder) {
    if (entry.begin < next)
      failTensor(name, entry, `a range that overlaps another: it begins at ${entry.begin}`);
    if (entry.begin > next)
      failTensor(name, entry, `a hole before it: bytes ${next} to ${entry.begin} are nobody's`);
    next = entry.end;
  }
  if (next !== length) fail(0, `${length - next} bytes after the last tensor`);
};

/**
 * Lays out a safetensors file; for the inside of an `attempt`. The header has the order given; the bytes of the widest
 * elements come first, so that every array begins at a multiple of its element's size.
 */
export const layOutSafetensors = (
  arrays: ReadonlyMap<string, HostArray>,
  metadata: Readonly<Record<string, string>> = {},
): Parts => {
  checkTexts([...arrays.keys()], metadata);
  const inOrder = [...arrays].sort(([, a], [, b]) => bytesPerElement[b.dtype] - bytesPerElement[a.dtype]);
  const ends = new Map<string, number>();
  let length = 0;
  for (const [name, array] of inOrder) ends.set(name, (length += byteLength(array)));
  const header = formatHeader(
    Array.from(arrays, ([name, array]) => {
      const end = ends.get(name) as number;
      const dtype = spellings.get(array.dtype) as string;
      return [name, { dtype, shape: array.shape, begin: end - byteLength(array), end }] as const;
    }),
    metadata,
  );
  return () => partsOfFile(header, inOrder);
};

function* partsOfFile(
  header: Uint8Array,
  inOrder: readonly (readonly [string, HostArray])[],
): Generator<Uint8Array> {
  yield header;
  for (const [, array] of inOrder) yield* partsOf(elementsOf(array));
}

/** Bytes of an array's elements. */
export const byteLength = ({ shape, dtype }: HostArray): number => sizeOf(shape) * bytesPerElement[dtype];

/** Refuses names and metadata that the header could not spell so that they are read back. */
const checkTexts = (names: readonly string[], metadata: Readonly<Record<string, string>>): void => {
  const texts = Object.entries(metadata).flat();
  const problems = [
    ...names.filter((name) => name === '__metadata__'),
    ...[...names, ...texts].filter(hasLoneSurrogate),
  ];
  if (problems.length > 0) {
    refuseTree(
      problems.map((path) => ({ path, found: 'this text', expected: 'one that safetensors can hold' })),
    );
  }
};

/** The bytes of a safetensors file with arrays by name, and texts about it. */
export const formatSafetensors = (
  arrays: ReadonlyMap<string, HostArray>,
  metadata: Readonly<Record<string, string>> = {},
): E.Either<CheckpointError, Uint8Array> => attempt(() => joined(layOutSafetensors(arrays, metadata)()));
