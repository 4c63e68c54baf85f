/** Files that PyTorch and Flax wrote, and the arrays that they read in them; `test/data/*.py` say how they were made. */
import { readFileSync } from 'node:fs';
import type { HostArray } from '../../../lib/data/array.js';
import { bytesOf } from '../../../lib/data/array.js';

interface StoredArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Little-endian, row-major, in base64. */
  readonly data: string;
}

interface StoredFile {
  readonly name: string;
  readonly file: string;
  /** By path; where there is `refusal`, which the message matches, there are none. */
  readonly arrays?: Readonly<Record<string, StoredArray>>;
  readonly refusal?: string;
  /** The same arrays in another file. */
  readonly safetensors?: string;
}

/** A file of another program, and what that program reads in it. */
export interface ForeignFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly arrays: ReadonlyMap<string, StoredArray> | undefined;
  readonly refusal: string | undefined;
  readonly safetensors: Uint8Array | undefined;
}

const stored = (path: string): readonly ForeignFile[] => {
  const { files } = JSON.parse(readFileSync(path, 'utf8')) as { readonly files: readonly StoredFile[] };
  return files.map(({ name, file, arrays, refusal, safetensors }) => ({
    name,
    bytes: new Uint8Array(Buffer.from(file, 'base64')),
    arrays: arrays && new Map(Object.entries(arrays)),
    refusal,
    safetensors: safetensors === undefined ? undefined : new Uint8Array(Buffer.from(safetensors, 'base64')),
  }));
};

export const torchFiles = stored('test/data/torchFiles.json');
export const flaxFiles = stored('test/data/flaxFiles.json');

/** The file of a name. */
export const fileOf = (files: readonly ForeignFile[], name: string): ForeignFile => {
  const found = files.find((file) => file.name === name);
  if (!found) throw new Error(`no file ${name}`);
  return found;
};

/** An array as the stored ones are spelled. */
export const spelled = ({ dtype, shape, data }: HostArray): StoredArray => ({
  dtype,
  shape: [...shape],
  data: Buffer.from(bytesOf(data)).toString('base64'),
});
