/** Runs of a model's forms in turn, each form in a process of its own, and the comparison with the whole weights. */
import { type ChildProcess, fork } from 'node:child_process';
import type { HostArray } from '../../lib/data/array.js';
import { Failure } from '../failure.js';
import { unlessInterrupted } from '../interrupt.js';
import { type Agreement, agreementOf, rowsOf } from './agreement.js';
import type { Form } from './forms.js';
import type { FormFailed, FormToOpen, OpenForm } from './runForm.js';

/** The number of runs, and the runtime that does them. */
export interface Pace extends Pick<FormToOpen, 'runtime' | 'threads'> {
  readonly rounds: number;
}

/** A form with its outputs, its memory and the seconds of each run. */
export interface Measured extends Form, OpenForm {
  readonly seconds: readonly number[];
}

/** A process that waits for a form. */
const startForm = (): ChildProcess =>
  fork(new URL('./runForm.js', import.meta.url), {
    serialization: 'advanced',
    execArgv: ['--expose-gc'],
    // What onnxruntime prints of an error is in the error, too.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });

const ask = <A>({ name }: Form, process: ChildProcess, question: FormToOpen | 'run'): Promise<A> =>
  new Promise((resolve, reject) => {
    process.once('message', (answer: A | FormFailed) => {
      process.removeAllListeners('exit');
      if (typeof answer === 'object' && answer !== null && 'failed' in answer)
        reject(new Failure(`${name} does not run: ${answer.failed}`));
      else resolve(answer as A);
    });
    process.once('exit', (code, signal) =>
      reject(new Failure(`${name} does not run: its process ended with ${signal ?? code}`)),
    );
    process.send(question);
  });

/** Runs all forms in turn; each has a process for the whole time. */
export const measure = async (
  forms: readonly Form[],
  inputs: readonly HostArray[],
  { rounds, threads, runtime }: Pace,
  signal: AbortSignal,
): Promise<readonly Measured[]> => {
  const processes: ChildProcess[] = [];
  try {
    const started: (Measured & { readonly seconds: number[] })[] = [];
    for (const form of forms) {
      const process = startForm();
      processes.push(process);
      const answer = await unlessInterrupted(
        signal,
        ask<OpenForm>(form, process, { path: form.path, runtime, threads, inputs }),
      );
      started.push({ ...form, ...answer, seconds: [] });
    }
    for (let round = 0; round < rounds; round++)
      for (const [i, each] of started.entries())
        each.seconds.push(await unlessInterrupted(signal, ask<number>(each, processes[i], 'run')));
    return started;
  } finally {
    for (const process of processes) process.kill();
  }
};

/** The rows of the first output whose likeliest is compared, from an array of the inputs that is not 0 for these. */
export const countedRows = (
  name: string | undefined,
  arrays: Readonly<Record<string, HostArray>>,
): HostArray | undefined => {
  if (name === undefined) return undefined;
  if (!Object.hasOwn(arrays, name))
    throw new Failure(`--rows: there is no array '${name}', expected ${Object.keys(arrays).join(' or ')}`);
  return arrays[name];
};

/**
 * The agreement of each form with the first, whose weights are whole: the largest difference of all outputs, and the
 * likeliest of the first one.
 * @throws Failure where the whole weights give outputs that are not finite, or no row counts
 */
export const agreements = (
  measured: readonly Measured[],
  counted: HostArray | undefined,
): readonly Agreement[] => {
  const [{ outputs }] = measured;
  const names = Object.keys(outputs);
  if (names.length === 0) throw new Failure('the model has no output of floats to compare');
  for (const name of names)
    if (!outputs[name].data.every(Number.isFinite))
      throw new Failure(
        `${name}: the whole weights give numbers that are not finite: look at the inputs and at the weights`,
      );
  const rows = rowsOf(outputs[names[0]]);
  if (counted && counted.data.length !== rows)
    throw new Failure(`--rows: found ${counted.data.length} numbers, expected one for each of ${rows} rows`);
  if (counted?.data.every((value: unknown) => Number(value) === 0))
    throw new Failure('--rows: all numbers are 0, expected one row to count at least');
  const isCounted = counted && ((row: number) => Number(counted.data[row]) !== 0);
  return measured.map(({ outputs: found }) => {
    const each = names.map((name, i) =>
      agreementOf(found[name], outputs[name], i === 0 ? isCounted : undefined),
    );
    return {
      difference: each.reduce((most, { difference }) => Math.max(most, difference), 0),
      agreement: each[0].agreement,
    };
  });
};
