/** The attention of a classifier of pictures. */
import { showShare } from '../../lib/data/quantities.js';
import { type Picture, pictureOf } from '../../lib/media/picture.js';
import { resizeCubic } from '../../lib/media/resize.js';
import type { AttentionMap } from '../../presets/attentionMap.js';
import { greyOf, type GreyPicture } from '../../presets/digits/run.js';
import type { PresetsOf } from '../../presets/registry.js';
import type { ModelNamed } from '../load.js';
import { centreCrop } from '../../presets/imagenet/run/crop.js';
import { showInputError } from '../../lib/data/inputError.js';
import { orFail, runOrFail } from '../failure.js';
import { beside, enlarged } from '../../lib/media/compose.js';
import { colourBar, overlay, type WeightGrid } from '../../lib/media/overlay.js';
import { parsePicture, writePicture } from '../../lib/media/readPicture.js';
import type { Input } from '../inputs.js';
import { look, type LookOptions, mostOf, rowOf } from './look.js';
import type { Shown } from './shown.js';

type Classifier = ModelNamed<PresetsOf<'classify'>>;

/** Approximate side of the written picture. */
const aim = 512;

const barWidth = 24;

/** A grey picture in the colours of a screen. */
export const screenPicture = ({ width, height, data }: GreyPicture): Picture =>
  pictureOf(width, height, (x, y) => {
    const grey = 255 * data[y * width + x];
    return [grey, grey, grey];
  });

/** An attention map, the picture that the model saw, and the likeliest class. */
interface Seen {
  readonly map: AttentionMap;
  readonly seen: Picture;
  readonly label: string;
  readonly probability: number;
}

const see = async (model: Classifier, picture: Picture, options: LookOptions): Promise<Seen> => {
  const [height, width] = model.config.imageShape;
  if (model.name === 'digits') {
    const grey = greyOf(picture, width, height);
    const { output, maps } = await look(model, grey, options);
    const { digit, probabilities } = output;
    return { map: maps[0], seen: screenPicture(grey), label: `${digit}`, probability: probabilities[digit] };
  }
  const seen = orFail(showInputError)(centreCrop(picture, { width, height }));
  const { output, maps } = await look(model, picture, options);
  return { map: maps[0], seen, ...output[0] };
};

/** The picture beside its attention map. Pixels of small pictures stay squares. */
export const pictureAndMap = (seen: Picture, grid: WeightGrid): Picture => {
  const factor = Math.max(1, Math.round(aim / Math.max(seen.width, seen.height)));
  const isSmall = factor >= 8;
  const [width, height] = [factor * seen.width, factor * seen.height];
  const large = isSmall ? enlarged(seen, factor) : resizeCubic(seen, width, height);
  return beside([large, overlay(large, grid, { isSmooth: !isSmall }), colourBar(barWidth, height)]);
};

/** The picture of an input. */
export const readInput = async ({ name, bytes }: Input): Promise<Picture> =>
  runOrFail(showInputError, parsePicture(name, await runOrFail(showInputError, bytes)));

/** Attention of an image classifier. */
export const attendImage = async (
  model: Classifier,
  [input]: readonly Input[],
  options: LookOptions & { readonly out: string },
): Promise<Shown> => {
  const picture = await readInput(input);
  const { map, seen, label, probability } = await see(model, picture, options);
  const [, height, width] = map.weights.shape;
  const weights = rowOf(map, 0);
  const written = pictureAndMap(seen, { height, width, weights });
  await runOrFail(showInputError, writePicture(options.out, written));
  const most = mostOf(weights);
  const line = `taken for ${label}, ${showShare(probability)} sure`;
  return {
    line,
    json: {
      layer: map.layer.path,
      grid: [height, width],
      most,
      label,
      probability,
      weights: Array.from(weights),
    },
    lines: [line, `at most ${most.toFixed(2)} times an even share of ${height} × ${width}`],
    layer: map.layer,
  };
};
