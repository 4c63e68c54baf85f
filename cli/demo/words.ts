/**
 * Held-out texts of the demonstration: their missing bytes filled in, right or wrong.
 */
import { type HostArray, int32 } from '../../lib/data/array.js';
import { showShare } from '../../lib/data/quantities.js';
import { bytesTokenizer, specialTokens } from '../../modules/bytesTokenizer.js';
import { heldOutWords } from '../../presets/words/verify.js';
import { fillIn } from '../../presets/language/run.js';
import { words } from '../../presets/words/preset.js';
import { engineRunner } from '../../lib/run/index.js';
import { loadWeights } from '../load.js';

import { readArrays } from './readArrays.js';

const rowsOf = ({ shape, data }: HostArray): number[][] =>
  Array.from({ length: shape[0] }, (_, row) =>
    Array.from(data.slice(row * shape[1], (row + 1) * shape[1]), Number),
  );

const widened = (whole: HostArray): HostArray => int32(whole.shape, Array.from(whole.data, Number));

/** A text: ids without padding, missing bytes, and the bytes that were filled in. */
interface Line {
  readonly ids: readonly number[];
  readonly targets: readonly number[];
  readonly weights: readonly number[];
  readonly filled: readonly number[];
}

/** A text on one line. */
const textOf = (ids: readonly number[]): string => bytesTokenizer.decode(ids).replaceAll('\n', '⏎');

const withBlanks = (ids: readonly number[]): string =>
  textOf(ids.map((id) => (id === specialTokens.mask ? bytesTokenizer.encode('_')[0] : id)));

const share = (lines: readonly Line[], counts: (line: Line, i: number) => boolean): number => {
  const hits = lines.flatMap((line) =>
    line.ids.flatMap((_, i) => (counts(line, i) ? [line.filled[i] === line.targets[i]] : [])),
  );
  return hits.filter(Boolean).length / hits.length;
};

const isMissing = ({ weights }: Line, i: number): boolean => weights[i] === 1;
const isAlone = (line: Line, i: number): boolean =>
  isMissing(line, i) && !isMissing(line, i - 1) && !isMissing(line, i + 1);

/** Fills in every held-out text with the parameters that JAX wrote. */
export const showWords = async (numShown: number): Promise<string> => {
  const model = words();
  const parameters = await loadWeights(model, {});
  const { inputs, mask, targets, weights } = await readArrays(heldOutWords);
  await using runner = engineRunner(parameters);
  const logits = await runner.run(model.network, [widened(inputs), widened(mask)]);
  const { maxLength, vocabSize } = model.config;
  const [ids, wanted, missing, there] = [inputs, targets, weights, mask].map(rowsOf);
  const lines = ids.map((row, i): Line => {
    const length = there[i].filter((is) => is).length;
    const scores = (logits.data as Float32Array).subarray(
      i * maxLength * vocabSize,
      (i + 1) * maxLength * vocabSize,
    );
    const whole = row.slice(0, length);
    return {
      ids: whole,
      targets: wanted[i],
      weights: missing[i],
      filled: fillIn(whole, scores, vocabSize).ids,
    };
  });
  const shown = lines
    .slice(0, numShown)
    .flatMap(({ ids, filled, targets }) => [
      `  ${withBlanks(ids)}`,
      `  ${textOf(filled)}`,
      `  ${textOf(targets.slice(0, ids.length))}  (as it was)`,
      '',
    ]);
  return [
    `Missing bytes of ${lines.length} held-out texts: ${showShare(share(lines, isMissing))} right, ${showShare(share(lines, isAlone))} of those that miss no neighbour.`,
    `It is a small model: one million parameters. The first ${numShown}:`,
    '',
    ...shown,
  ]
    .join('\n')
    .trimEnd();
};
