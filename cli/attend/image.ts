/** Where a classifier looks in a picture. */
import { showShare } from '../../lib/data/quantities.js';
import type { ClassGuess } from '../../presets/classes.js';
import { type Picture, pictureOf } from '../../lib/media/picture.js';
import { resizeCubic } from '../../lib/media/resize.js';
import type { Digit, GreyPicture } from '../../presets/digits/digits.js';
import { greyOf } from '../../presets/digits/grey.js';
import { centreCrop } from '../../presets/imagenet/crop.js';
import type { ImageClassifierConfig } from '../../presets/imagenet/imageClassifier.js';
import type { AnyModel } from '../../presets/any.js';
import { showInputError } from '../../lib/data/inputError.js';
import { orFail, runOrFail } from '../failure.js';
import { beside, enlarged } from '../../lib/media/compose.js';
import { colourBar, overlay, type WeightGrid } from '../../lib/media/overlay.js';
import { readPicture, writePicture } from '../../lib/media/readPicture.js';

import { look, type LookOptions, mostOf, rowOf } from './look.js';
import type { Shown } from './shown.js';

/** A side of the picture that is written, about. */
const aim = 512;

const barWidth = 24;

/** A grey picture in the colours of a screen. */
export const screenPicture = ({ width, height, data }: GreyPicture): Picture =>
  pictureOf(width, height, (x, y) => {
    const grey = 255 * data[y * width + x];
    return [grey, grey, grey];
  });

/** What the model is given, and the same for people. */
const inputOf = (model: AnyModel, picture: Picture): { raw: GreyPicture | Picture; seen: Picture } => {
  const [height, width] = (model.config as ImageClassifierConfig).imageShape;
  if (model.card.name !== 'digits')
    return { raw: picture, seen: orFail(showInputError)(centreCrop(picture, { width, height })) };
  const raw = greyOf(picture, width, height);
  return { raw, seen: screenPicture(raw) };
};

const guessOf = (output: Digit | readonly ClassGuess[]): { label: string; probability: number } =>
  'digit' in output
    ? { label: `${output.digit}`, probability: output.probabilities[output.digit] }
    : { label: output[0].label, probability: output[0].probability };

/** The picture beside where the model looks in it; pixels stay squares where there are few of them. */
export const pictureAndMap = (seen: Picture, grid: WeightGrid): Picture => {
  const factor = Math.max(1, Math.round(aim / Math.max(seen.width, seen.height)));
  const isSmall = factor >= 8;
  const [width, height] = [factor * seen.width, factor * seen.height];
  const large = isSmall ? enlarged(seen, factor) : resizeCubic(seen, width, height);
  return beside([large, overlay(large, grid, { isSmooth: !isSmall }), colourBar(barWidth, height)]);
};

/** Attention of an image classifier. */
export const attendImage = async (
  model: AnyModel,
  [path]: readonly string[],
  options: LookOptions & { readonly out: string },
): Promise<Shown> => {
  const { raw, seen } = inputOf(model, await runOrFail(showInputError, readPicture(path)));
  const { output, maps } = await look<unknown, Digit | readonly ClassGuess[]>(model, raw, options);
  const [, height, width] = maps[0].weights.shape;
  const weights = rowOf(maps[0], 0);
  const written = pictureAndMap(seen, { height, width, weights });
  await runOrFail(showInputError, writePicture(options.out, written));
  const most = mostOf(weights);
  const { label, probability } = guessOf(output);
  return {
    json: {
      layer: maps[0].layer.path,
      grid: [height, width],
      most,
      label,
      probability,
      weights: Array.from(weights),
    },
    lines: [
      `taken for ${label}, ${showShare(probability)} sure`,
      `at most ${most.toFixed(2)} times an even share of ${height} × ${width}`,
    ],
    layer: maps[0].layer,
  };
};
