/** Paths as people write them: `-` is the standard input where a command reads, the standard output where it writes. */
import { existsSync } from 'node:fs';
import { isStandardOutput } from '../lib/files/write.js';
import { Failure } from './failure.js';

let isOutputTaken = false;

/** True once the standard output holds a file, so that nothing else may be written to it. */
export const isStandardOutputTaken = (): boolean => isOutputTaken;

/** The path to read from. */
export const inputPath = (path: string): string => (path === '-' ? '/dev/stdin' : path);

/** @throws Failure where there is nothing at a path that a person gave */
export const expectThere = (path: string, expected: string): void => {
  if (!existsSync(path)) throw new Failure(`${path}: found no such file or directory, expected ${expected}`);
};

/** The path to write to; where that is the standard output, it holds the file alone, and reports go elsewhere. */
export const outputPath = (path: string): string => {
  const meant = path === '-' ? '/dev/stdout' : path;
  isOutputTaken ||= isStandardOutput(meant);
  return meant;
};
