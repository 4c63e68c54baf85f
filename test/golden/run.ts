/**
 * Runs a directory of goldens, or one folder of it, case by case in one process: a line for each case that fails or is
 * not run, or for every case, and the numbers of cases that passed, failed and were not run.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Check, failing, passes } from './compare.js';
import type { Case } from './case.js';
import { type Folder, foldersOf } from './folders.js';

export interface RunOptions {
  /** Names of the folders to run; all if not given. */
  readonly only?: readonly string[];
  /** Names of the cases to run; all if not given. */
  readonly cases?: readonly string[];
  /** True to print a line for cases that pass too. */
  readonly isVerbose?: boolean;
  readonly print: (line: string) => void;
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A case's checks; what it throws fails it, and so do tensors that it leaves behind. */
const checksOf = async ({ run }: Case): Promise<Check[]> => {
  const before = tf.memory().numTensors;
  tf.engine().startScope();
  try {
    const checks = await run();
    const left = tf.memory().numTensors - before;
    return left === 0 ? checks : [...checks, failing('memory', `${left} tensors are left behind`)];
  } catch (error) {
    return [failing('the case', message(error))];
  } finally {
    tf.engine().endScope();
  }
};

/** A check's error as a share of its tolerance, to find the worst of a case. */
const severity = ({ error, tolerance }: Check): number => (error === 0 ? 0 : error / tolerance);

const figure = (value: number): string => value.toExponential(1);

const describe = ({ array, error, tolerance, problem }: Check): string =>
  problem === undefined
    ? `${array} is ${figure(error)} off, ${figure(tolerance)} allowed`
    : `${array}: ${problem}`;

/** The worst of a case's checks in words, and how many of them fail. */
const summary = (checks: readonly Check[]): string => {
  const [worst] = [...checks].sort((a, b) => severity(b) - severity(a));
  const failed = checks.filter((check) => !passes(check)).length;
  return `${describe(worst)} (${failed ? `${failed} of ` : ''}${checks.length} checks)`;
};

const runCase = async (
  folder: string,
  made: Case,
  { print, isVerbose = false }: RunOptions,
): Promise<boolean> => {
  const checks = await checksOf(made);
  const isPassed = checks.length > 0 && checks.every(passes);
  const words = checks.length ? summary(checks) : 'nothing was compared';
  if (!isPassed || isVerbose) print(`${isPassed ? 'passed' : 'failed'} ${folder}/${made.name}: ${words}`);
  return isPassed;
};

const runFolder = async ({ name, path, casesOf }: Folder, options: RunOptions): Promise<Totals> => {
  const all = await casesOf(path);
  const cases = all.filter((made) => options.cases?.includes(made.name) ?? true);
  const totals = { passed: 0, failed: 0, notRun: 0 };
  for (const made of cases) {
    if (made.notRun !== undefined) options.print(`not run ${name}/${made.name}: ${made.notRun}`);
    totals[
      made.notRun !== undefined ? 'notRun' : (await runCase(name, made, options)) ? 'passed' : 'failed'
    ]++;
  }
  return totals;
};

/**
 * Runs what lies in a directory.
 * @throws Error when nothing there is a folder of goldens, or one that was asked for is not there
 */
export const runGoldens = async (directory: string, options: RunOptions): Promise<Totals> => {
  const total = { passed: 0, failed: 0, notRun: 0 };
  for (const folder of foldersOf(directory, options.only)) {
    const found = await runFolder(folder, options);
    total.passed += found.passed;
    total.failed += found.failed;
    total.notRun += found.notRun;
  }
  return total;
};
