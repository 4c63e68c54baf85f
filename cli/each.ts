/**
 * Work on several inputs, one after the other: a result is printed as it comes, an input that fails is told by its name,
 * and the rest goes on.
 */
import { messageOf } from '../lib/files/error.js';
import { Failure, UsageError } from './failure.js';
import { print } from './print.js';
import { eraseProgress, withProgress } from './progress.js';

/** The result for one input. */
export interface EachResult {
  /** A line of JSON. */
  readonly json: Readonly<Record<string, unknown>>;
  /** The text for people: one line if there are several inputs. */
  readonly text: string;
}

interface EachOptions {
  readonly json?: boolean;
  /** The label of the progress. */
  readonly label: string;
}

const told = (name: string, message: string): string =>
  message.startsWith(name) ? message : `${name}: ${message}`;

/**
 * Works on each input and prints its result.
 * @param work  gets the input, and whether it is the only one
 * @throws Failure of an only input; of several, each failure is printed and the command ends with status 1
 */
export const onEach = async <I extends { readonly name: string }>(
  inputs: readonly I[],
  { json, label }: EachOptions,
  work: (input: I, isOnly: boolean) => Promise<EachResult>,
): Promise<void> => {
  const isOnly = inputs.length === 1;
  await withProgress(isOnly ? label : `${label} ${inputs.length}`, async (onProgress) => {
    for (const [i, input] of inputs.entries()) {
      onProgress(i, inputs.length);
      try {
        const result = await work(input, isOnly);
        print(json && 'line', result.json, () => result.text);
      } catch (error) {
        if (isOnly || error instanceof UsageError) throw error;
        if (!(error instanceof Failure))
          throw new Error(told(input.name, messageOf(error)), { cause: error });
        eraseProgress();
        console.error(`renga: ${told(input.name, error.message)}`);
        process.exitCode = 1;
      }
    }
  });
};
