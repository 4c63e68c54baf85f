/**
 * Good files of every format, small ones, and the ways to damage them that know a little of the format: what is inside
 * an archive, where a checksum would hide every other change; a header whose length is written before it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DType, HostArray } from '../../lib/array.js';
import { array } from '../../lib/array.js';
import { formatNpy } from '../../lib/checkpoint/npy.js';
import { formatNpz } from '../../lib/checkpoint/npz.js';
import { layOutSafetensors } from '../../lib/checkpoint/safetensors.js';
import { unzip } from '../../lib/checkpoint/unzip.js';
import { zip } from '../../lib/checkpoint/zip.js';
import { flaxFiles, torchFiles } from '../lib/checkpoint/foreign.js';
import type { Mutation } from './mutations.js';
import { joined, mutate, mutateName } from './mutations.js';

export interface Corpus {
  readonly seeds: readonly Uint8Array[];
  /** How files of the format are damaged, each as often as it is listed. */
  readonly mutations: readonly Mutation[];
}

const largestSeed = 8192;

const pickles = (): readonly Uint8Array[] => {
  const folder = 'test/goldens/pickles';
  return readdirSync(folder)
    .filter((file) => file.endsWith('.pickle'))
    .toSorted()
    .map((file) => new Uint8Array(readFileSync(join(folder, file))))
    .filter(({ length }) => length > 0 && length <= largestSeed);
};

const counting = (dtype: DType, shape: readonly number[]): HostArray => {
  const size = shape.reduce((a, b) => a * b, 1);
  if (dtype === 'float32') return array(shape, dtype, Float32Array.from({ length: size }, (_, i) => i / 3));
  if (dtype === 'int64') return array(shape, dtype, BigInt64Array.from({ length: size }, (_, i) => BigInt(i)));
  return array(shape, 'uint8', Uint8Array.from({ length: size }, (_, i) => i));
};

const arrays: readonly (readonly [string, HostArray])[] = [
  ['perceiver/~/linear/w', counting('float32', [3, 4])],
  ['perceiver/~/linear/b', counting('float32', [4])],
  ['scalar/n', counting('int64', [])],
  ['empty/x', counting('uint8', [2, 0, 3])],
];

/** An `.npy` as NumPy writes it of a transposed, a big-endian or a bfloat16 array. */
const rewritten = (from: string, to: string): Uint8Array =>
  Uint8Array.from(formatNpy(arrays[0][1]).map((byte) => byte).toString().split(',').map(Number)).map(
    (byte) => byte,
  ) && new Uint8Array(Buffer.from(Buffer.from(formatNpy(arrays[0][1])).toString('latin1').replace(from, to), 'latin1'));
