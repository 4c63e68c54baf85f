/**
 * The format of a checkpoint to be written: from a command's options and the name of the file.
 */
import { extname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { SaveFormat } from '../lib/checkpoint/index.js';
import { isStandardOutput } from '../lib/files/write.js';
import { UsageError } from './failure.js';

export interface SaveOptions {
  readonly format?: SaveFormat['format'];
  readonly shardSize?: number;
  readonly flatMapping?: boolean;
  /** The preset, which the command notes in the file. */
  readonly preset?: string;
  readonly config?: string;
}

/** Formats that can be written. */
export const formats: readonly SaveFormat['format'][] = ['pickle', 'npz', 'safetensors'];

const byExtension: Readonly<Record<string, SaveFormat['format']>> = {
  '.pickle': 'pickle',
  '.pkl': 'pickle',
  '.pystate': 'pickle',
  '.npz': 'npz',
  '.safetensors': 'safetensors',
};

const formatOf = (path: string): SaveFormat['format'] => {
  const extension = extname(path).toLowerCase();
  if (Object.hasOwn(byExtension, extension)) return byExtension[extension];
  const known = Object.keys(byExtension).join(', ');
  const shown = isStandardOutput(path) ? 'the standard output' : path;
  throw new UsageError(`${shown}: no format is known by the name's ending; expected ${known}, or --format`);
};

/** Options that one format alone has. */
const onlyFor: readonly (readonly [format: SaveFormat['format'], option: keyof SaveOptions, flag: string])[] =
  [
    ['safetensors', 'shardSize', '--shard-size'],
    ['safetensors', 'preset', '--preset'],
    ['pickle', 'flatMapping', '--flat-mapping'],
  ];

/** The format of a file to be written. */
export const saveFormat = (path: string, options: SaveOptions): SaveFormat => {
  const format = options.format ?? formatOf(path);
  for (const [name, option, flag] of onlyFor) {
    if (name !== format && options[option] !== undefined)
      throw new UsageError(`${flag} is for ${name}, and ${path} is written as ${format}`);
  }
  if (options.config !== undefined && options.preset === undefined)
    throw new UsageError('--config changes a preset, and there is no --preset');
  const { shardSize, flatMapping } = options;
  return { format, shardSize, flatMapping } as SaveFormat;
};

const units: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};

/** A size from a flag: `500MB`, `2GB`, `1.5GiB`, or bytes. */
export const parseSize = (text: string): number => {
  const [, number, unit] = /^(\d{1,15}(?:\.\d{1,9})?)\s*([a-z]*)$/i.exec(text) ?? [];
  const size = Number(number) * (units[unit?.toUpperCase()] ?? NaN);
  if (size >= 1) return Math.floor(size);
  throw new InvalidArgumentError('expected a size like 2GB or 500MB.');
};
