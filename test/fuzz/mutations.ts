/** Ways to damage bytes without knowing what they mean. All are pure: the bytes given stay as they are. */
import { joined as joinedParts } from '../../lib/files/parts.js';
import type { Random } from './random.js';

/** Damages bytes; `others` are good files of the same format, to take parts from. */
export type Mutation = (random: Random, bytes: Uint8Array, others: readonly Uint8Array[]) => Uint8Array;

const joined = (...parts: readonly Uint8Array[]): Uint8Array => joinedParts(parts);

const changed = (bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array => {
  const copy = bytes.slice();
  if (copy.length > 0) change(copy);
  return copy;
};

const flipBits: Mutation = (random, bytes) =>
  changed(bytes, (copy) => {
    for (let i = random.below(8); i >= 0; i--) copy[random.below(copy.length)] ^= 1 << random.below(8);
  });

const setBytes: Mutation = (random, bytes) =>
  changed(bytes, (copy) => {
    for (let i = random.below(4); i >= 0; i--) copy[random.below(copy.length)] = random.below(256);
  });

const extremes = [
  0n,
  1n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
].concat([2n ** 53n - 1n, 2n ** 53n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]);

/** A length, if there is one at that place, becomes the least or the greatest of its width or something between. */
const setExtreme: Mutation = (random, bytes) =>
  changed(bytes, (copy) => {
    const field = new DataView(new ArrayBuffer(8));
    const isLittleEndian = random.below(2) === 0;
    const width = random.pick([1, 2, 4, 8]);
    field.setBigUint64(0, random.pick(extremes), isLittleEndian);
    const of = new Uint8Array(field.buffer, isLittleEndian ? 0 : 8 - width, width);
    const at = random.below(copy.length);
    copy.set(of.subarray(0, copy.length - at), at);
  });

const numbers = [
  '0',
  '-1',
  '1',
  '255',
  '65536',
  '4294967295',
  '4294967296',
  '9007199254740991',
  '9007199254740993',
].concat(['18446744073709551615', '99999999999999999999999', '1e308', '1e309', '0.5', '-0', '1L', '']);

/** A number that is written as text becomes another. */
const setNumber: Mutation = (random, bytes) => {
  const runs = [...latin1(bytes).matchAll(/\d+/g)];
  if (runs.length === 0) return bytes;
  const run = random.pick(runs);
  const put = new TextEncoder().encode(random.pick(numbers));
  return joined(bytes.subarray(0, run.index), put, bytes.subarray(run.index + run[0].length));
};

export const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');

const cut: Mutation = (random, bytes) => bytes.subarray(0, random.below(bytes.length + 1));

/** Two places, the second not before the first. */
const range = (random: Random, length: number): readonly [number, number] => {
  const [a, b] = [random.below(length + 1), random.below(length + 1)];
  return [Math.min(a, b), Math.max(a, b)];
};

const remove: Mutation = (random, bytes) => {
  const from = random.below(bytes.length + 1);
  return joined(bytes.subarray(0, from), bytes.subarray(from + 1 + random.below(16)));
};

const repeat: Mutation = (random, bytes) => {
  const [from, to] = range(random, bytes.length);
  const part = bytes.subarray(from, Math.min(to, from + 64));
  return joined(
    bytes.subarray(0, to),
    ...Array.from({ length: 1 + random.below(8) }, () => part),
    bytes.subarray(to),
  );
};

const longestStretch = 1 << 16;

/** A few bytes again and again, so that what costs more each time is seen in the time that it takes. */
const stretch: Mutation = (random, bytes) => {
  const from = random.below(bytes.length + 1);
  const part = bytes.subarray(from, from + 1 + random.below(12));
  const times = random.below(longestStretch / Math.max(1, part.length));
  return joined(bytes.subarray(0, from), ...Array.from({ length: times }, () => part), bytes.subarray(from));
};

/** The beginning of one file and the end of another. */
const splice: Mutation = (random, bytes, others) => {
  const other = random.pick(others);
  return joined(
    bytes.subarray(0, random.below(bytes.length + 1)),
    other.subarray(random.below(other.length + 1)),
  );
};

/** A part of another file put into this one. */
const insert: Mutation = (random, bytes, others) => {
  const other = random.pick(others);
  const [from, to] = range(random, other.length);
  const at = random.below(bytes.length + 1);
  return joined(bytes.subarray(0, at), other.subarray(from, Math.min(to, from + 256)), bytes.subarray(at));
};

const hostileNames = [
  '__proto__',
  'constructor',
  'toString',
  '../x',
  '/etc/passwd',
  '..\\x',
  '',
  '\0',
  'a'.repeat(300),
];

/** A word becomes a name that means something to the language or to a file system. */
const setName: Mutation = (random, bytes) => {
  const words = [...latin1(bytes).matchAll(/[A-Za-z_]{1,40}/g)];
  if (words.length === 0) return bytes;
  const word = random.pick(words);
  const put = new TextEncoder().encode(random.pick(hostileNames));
  // Half of the time in the room that the word had, so that lengths around it stay right.
  const fitted = random.below(2) === 0 ? fitting(put, word[0].length) : put;
  return joined(bytes.subarray(0, word.index), fitted, bytes.subarray(word.index + word[0].length));
};

const fitting = (bytes: Uint8Array, length: number): Uint8Array => {
  const out = new Uint8Array(length).fill(0x5f);
  out.set(bytes.subarray(0, length));
  return out;
};

const mutations = [
  flipBits,
  setBytes,
  setExtreme,
  setExtreme,
  setNumber,
  cut,
  remove,
  repeat,
  splice,
  insert,
  setName,
];

/** One to three damages, one after the other; a few files are stretched besides. */
export const mutate: Mutation = (random, bytes, others) => {
  let mutant = random.below(16) === 0 ? stretch(random, bytes, others) : bytes;
  for (let i = random.pick([0, 0, 1, 2]); i >= 0; i--)
    mutant = random.pick(mutations)(random, mutant, others);
  return mutant;
};
