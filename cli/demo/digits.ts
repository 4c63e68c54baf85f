/**
 * Held-out digits of the demonstration: the share of right answers, and the first digits drawn.
 */
import { toFloat32 } from '../../lib/data/array.js';
import { showShare } from '../../lib/data/quantities.js';
import { digits } from '../../presets/digits/preset.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { engineRunner } from '../../lib/run/index.js';
import { loadWeights } from '../load.js';
import { drawDigit } from '../drawDigit.js';

import { readArrays } from './readArrays.js';

const side = { width: 8, height: 8 };
const pixels = side.width * side.height;

const indexOfLargest = (values: Float32Array): number => values.indexOf(Math.max(...values));

/** Pictures beside each other, a caption below each. */
export const sideBySide = (pictures: readonly string[], captions: readonly string[]): string => {
  const lines = pictures.map((picture) => picture.split('\n'));
  const rows = lines[0].map((_, row) => lines.map((picture) => picture[row].padEnd(12)).join(''));
  return [...rows, captions.map((caption) => caption.padEnd(12)).join('')]
    .map((line) => `  ${line}`.trimEnd())
    .join('\n');
};

/** Classifies every held-out digit with the parameters that JAX wrote. */
export const showDigits = async (numDrawn: number): Promise<string> => {
  const model = digits();
  const weights = await loadWeights(model, {});
  const { images, labels } = await readArrays(heldOutDigits);
  await using runner = engineRunner(weights);
  const output = await runner.run(model.network, [images]);
  const logits = output.data as Float32Array;
  const { numClasses } = model.config;
  const guesses = Array.from({ length: labels.shape[0] }, (_, i) =>
    indexOfLargest(logits.subarray(i * numClasses, (i + 1) * numClasses)),
  );
  const right = guesses.filter((guess, i) => guess === Number(labels.data[i])).length;
  const drawn = Array.from({ length: numDrawn }, (_, i) => i);
  const pictureOf = (i: number) => ({
    ...side,
    data: toFloat32(images).subarray(i * pixels, (i + 1) * pixels),
  });
  const pictures = drawn.map((i) => drawDigit(pictureOf(i)));
  return [
    `${right} of ${guesses.length} held-out handwritten digits right (${showShare(right / guesses.length)}). The first ${numDrawn}:`,
    '',
    sideBySide(
      pictures,
      drawn.map(
        (i) => `${guesses[i]}${guesses[i] === Number(labels.data[i]) ? '' : ` (is ${labels.data[i]})`}`,
      ),
    ),
  ].join('\n');
};
