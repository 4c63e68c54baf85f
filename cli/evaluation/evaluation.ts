/**
 * Evaluation of a model on a data set: one row of scores for each example, kept in a file as it comes, and the papers'
 * figures of all rows. A run that was stopped goes on behind its last whole row.
 */
import { existsSync } from 'node:fs';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { type InputError, showInputError } from '../../lib/data/inputError.js';
import type { Runner } from '../../lib/run/index.js';
import { aPlace, blame } from '../../lib/files/error.js';
import { Failure, UsageError } from '../failure.js';
import { eraseProgress } from '../progress.js';

/** The scores of one example: numbers, lists of numbers, or words, by their names. */
export type Row = Readonly<Record<string, number | string | readonly number[]>>;

/** A figure of a data set. */
export interface EvaluatedFigure {
  /** The measure, as the model's published results name it where they have it: 'ImageNet, top-1'. */
  readonly what: string;
  readonly value: number;
  /** '%', 'pixels', 'dB', 'bits'; '' for correlations. */
  readonly unit: string;
  /** The published figure and its source, where the model's published results do not have the measure by this name. */
  readonly published?: string;
  readonly source?: string;
}

/** An example, by a name that no other one of its data set has. */
export interface Named {
  readonly name: string;
}

/** A data set, and the way to judge a model on it. */
export interface Evaluation<I extends Named = Named> {
  /** 'ImageNet, validation'. */
  readonly dataset: string;
  /** The examples, in the plural: 'pictures'. */
  readonly called: string;
  readonly examples: readonly I[];
  /** The scores of some examples, in their order; a left is an example that cannot be read. */
  readonly judge: (runner: Runner, batch: readonly I[]) => Promise<readonly E.Either<InputError, Row>[]>;
  readonly figures: (rows: readonly Row[]) => readonly EvaluatedFigure[];
}

/** The file that rows are kept in. */
export interface RowsFile {
  readonly path: string;
  /** True to go on with a file that is there. */
  readonly resume: boolean;
}

export interface EvaluateOptions {
  readonly batchSize: number;
  readonly rows?: RowsFile | undefined;
  /** The model and the data that the rows are of, kept in the file's first line and compared on resuming. */
  readonly of: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

export interface Evaluated {
  readonly rows: readonly Row[];
  /** Number of examples that were judged before, and of those that could not be read. */
  readonly resumed: number;
  readonly failed: number;
}

type Judged = ReadonlyMap<string, Row>;

const lineOf = (value: unknown): string => `${JSON.stringify(value)}\n`;

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // the line that a stopped run was writing
  }
};

/** The rows of a file, by the names of their examples. A line that breaks off at the end is cut away. */
const rowsBefore = async ({ path }: RowsFile, of: EvaluateOptions['of']): Promise<Judged> => {
  const text = await readFile(path, 'utf8').catch((error: unknown) => blame(path, error));
  const lines = text.split('\n').filter((line) => line !== '');
  const [first, ...rest] = lines.map(parsed);
  const [found, wanted] = [JSON.stringify((first as { of?: unknown } | undefined)?.of), JSON.stringify(of)];
  if (found !== wanted)
    throw new Failure(
      `${path}: found ${found === undefined ? 'no rows of an evaluation' : `rows of ${found}`}, expected those of ${wanted}`,
    );
  const whole = rest.filter((row) => row !== undefined) as { name: string; scores: Row }[];
  await writeFile(path, [{ of }, ...whole].map(lineOf).join(''));
  return new Map(whole.map(({ name, scores }) => [name, scores]));
};

const begun = async (rows: RowsFile | undefined, of: EvaluateOptions['of']): Promise<Judged> => {
  if (rows === undefined) return new Map();
  const isThere = existsSync(rows.path);
  if (isThere && rows.resume) return rowsBefore(rows, of);
  if (isThere)
    throw new UsageError(`${rows.path} is there: --resume goes on with it, another --rows begins anew`);
  await writeFile(rows.path, lineOf({ of }));
  return new Map();
};

/**
 * Judges every example that has no row yet, batch by batch. An example that cannot be read is told by its name and left
 * out; the rest goes on, and the command ends with status 1.
 * @throws Failure when the signal is aborted, with the way to go on
 */
export const evaluate = async <I extends Named>(
  { examples, judge }: Evaluation<I>,
  runner: Runner,
  { batchSize, rows: file, of, signal, onProgress }: EvaluateOptions,
): Promise<Evaluated> => {
  const before = await begun(file, of);
  const judged = new Map<string, Row>();
  for (const { name } of examples) {
    const row = before.get(name);
    if (row) judged.set(name, row);
  }
  const resumed = judged.size;
  const rest = examples.filter(({ name }) => !judged.has(name));
  let failed = 0;
  for (let at = 0; at < rest.length; at += batchSize) {
    if (signal.aborted) {
      const next = file ? `: --rows ${file.path} --resume goes on` : '';
      throw new Failure(`stopped after ${resumed + at} of ${examples.length}${next}`);
    }
    onProgress(resumed + at, examples.length);
    const batch = rest.slice(at, at + batchSize);
    const found = await judge(runner, batch);
    const lines: string[] = [];
    for (const [i, result] of found.entries()) {
      if (E.isLeft(result)) {
        eraseProgress();
        console.error(`renga: ${showInputError(result.left)}`);
        process.exitCode = 1;
        failed++;
      } else {
        judged.set(batch[i].name, result.right);
        lines.push(lineOf({ name: batch[i].name, scores: result.right }));
      }
    }
    if (file)
      await appendFile(file.path, lines.join('')).catch((error: unknown) => blame(file.path, error, aPlace));
  }
  const rows = examples.flatMap(({ name }) => {
    const row = judged.get(name);
    return row ? [row] : [];
  });
  if (rows.length === 0) throw new Failure('no example could be read');
  return { rows, resumed, failed };
};

/** The mean of a score over rows. */
export const meanOf = (rows: readonly Row[], score: (row: Row) => number): number =>
  rows.reduce((sum, row) => sum + score(row), 0) / rows.length;

/** The sum of a score over rows. */
export const sumOf = (rows: readonly Row[], score: string): number =>
  rows.reduce((sum, row) => sum + (row[score] as number), 0);
