/**
 * The examples that the page begins with, from held-out data: a picture of each digit, and texts with the blanks of
 * the test.
 */
import { readFile } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { type HostArray, toFloat32 } from '../../lib/data/array.js';
import { parseNpz, showCheckpointError } from '../../lib/checkpoint/index.js';
import { bytesTokenizer } from '../../modules/bytesTokenizer.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { heldOutWords } from '../../presets/words/verify.js';
import type { Examples } from './files.js';

const arraysIn = async (url: URL): Promise<Readonly<Record<string, HostArray>>> => {
  const parsed = parseNpz(await readFile(url));
  if (E.isLeft(parsed)) throw new Error(showCheckpointError(parsed.left));
  return Object.fromEntries(parsed.right);
};

/** Row `i` of an array whose first axis counts rows, as numbers. */
const rowOf = (array: HostArray, i: number): readonly number[] => {
  const size = array.data.length / array.shape[0];
  return Array.from(toFloat32(array).subarray(i * size, (i + 1) * size));
};

/** The first picture of each digit. */
const firstOfEach = async (): Promise<Examples['digits']> => {
  const { images, labels } = await arraysIn(heldOutDigits);
  const all = Array.from(labels.data, Number);
  return Array.from({ length: 10 }, (_, label) => ({
    label,
    sixteenths: rowOf(images, all.indexOf(label)).map((value) => Math.round(16 * value)),
  }));
};

/** A text that shows at once what the page is for; the command line's help has it too. */
const first = 'a sm[a]ll plant with yellow fl[o]wers';

/** Held-out texts that are whole lines: row of the file, line of the row. */
const lines = [
  [25, 0],
  [19, 0],
  [18, 1],
] as const;

/** A text with brackets around what is blank in it. */
const bracketedText = (targets: readonly number[], blanks: readonly number[]): string =>
  targets
    .map((id, i) =>
      blanks[i] === 1 && id >= 6 ? `[${bytesTokenizer.decode([id])}]` : bytesTokenizer.decode([id]),
    )
    .join('');

const heldOutTexts = async (): Promise<readonly string[]> => {
  const { targets, weights } = await arraysIn(heldOutWords);
  return lines.map(
    ([row, line]) => bracketedText(rowOf(targets, row), rowOf(weights, row)).split(/\[?\n\]?/)[line],
  );
};

/** Reads them off the package's held-out data. */
export const readExamples = async (): Promise<Examples> => ({
  digits: await firstOfEach(),
  texts: [first, ...(await heldOutTexts())],
});
