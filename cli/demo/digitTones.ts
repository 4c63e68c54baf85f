/**
 * Held-out digits and their telephone tones in the demonstration: the shares that come out right from the picture alone
 * and from the tone alone, and pictures that tones became.
 */
import * as tf from '@tensorflow/tfjs-core';
import { showShare } from '../../lib/data/quantities.js';
import { placeBatch } from '../../lib/train/batch.js';
import { showInputError } from '../../lib/data/inputError.js';
import { tensorsIn } from '../../lib/engine/index.js';
import { digits } from '../../presets/digits/preset.js';
import { digitExamples } from '../../presets/digits/recipe/training.js';
import { greyOf } from '../../presets/digits/run.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { digitTones } from '../../presets/digitTones/preset.js';
import { toneOf } from '../../presets/digitTones/recipe/tones.js';
import { digitClips, digitToneFigures } from '../../presets/digitTones/recipe/training.js';
import { runOrFail } from '../failure.js';
import { loadWeights } from '../load.js';
import { drawDigit } from '../drawDigit.js';
import { sideBySide } from './digits.js';
import { readArrays } from './readArrays.js';

/**
 * Runs `digit-tones` on held-out digits.
 * @param count  the number of held-out digits, from the first on; all of them if not given
 */
export const digitToneResults = async (count = Infinity): Promise<Readonly<Record<string, number>>> => {
  const reader = digits();
  const { images, labels } = await readArrays(heldOutDigits);
  const { length, at } = digitExamples({ images, labels });
  const clips = digitClips({ length: Math.min(count, length), at }, digitTones().config);
  const masked = (maskProbs: object) => digitTones({ maskProbs });
  const figures = digitToneFigures(masked, clips, { model: reader, weights: await loadWeights(reader, {}) });
  const { params } = placeBatch(await loadWeights(digitTones(), {}));
  try {
    return await figures({ params, state: {} });
  } finally {
    tf.dispose(tensorsIn(params));
  }
};

/** The pictures that the tones of some digits become. */
const drawnFrom = async (tones: readonly number[]): Promise<readonly string[]> => {
  const model = digitTones();
  const weights = await loadWeights(model, {});
  const pictures: string[] = [];
  for (const digit of tones) {
    const sound = { sampleRate: 8000, channels: [toneOf(digit, 640)] };
    const { frames } = await runOrFail(showInputError, model.run(weights, { sound }));
    pictures.push(drawDigit(greyOf(frames[0])));
  }
  return pictures;
};

/** The figures of all held-out digits, and the pictures that the tones of the first digits became. */
export const showDigitTones = async (numDrawn: number): Promise<string> => {
  const { fromPicture, fromSound } = await digitToneResults();
  const tones = Array.from({ length: numDrawn }, (_, i) => i);
  return [
    `From the pictures of held-out digits: ${showShare(fromPicture)} with the right label and telephone tone.`,
    `From their tones: ${showShare(fromSound)} become a picture that the model above reads right. Pictures of tones:`,
    '',
    sideBySide(await drawnFrom(tones), tones.map(String)),
  ].join('\n');
};
