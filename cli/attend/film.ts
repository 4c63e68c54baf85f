/** The attention of an autoencoder of films: a strip of frames above their reconstruction and the attention to them. */
import { showShare } from '../../lib/data/quantities.js';
import { framesPerSecond, sizeOfClip } from '../../presets/multimodal/run.js';
import { clipImages, clipPictures } from '../../presets/multimodal/run/clip.js';
import type { PresetsOf } from '../../presets/registry.js';
import { showInputError } from '../../lib/data/inputError.js';
import type { Picture } from '../../lib/media/picture.js';
import { orFail, runOrFail } from '../failure.js';
import type { ModelNamed } from '../load.js';
import { below, beside, near } from '../../lib/media/compose.js';
import { readFrames } from '../../lib/media/film.js';
import { brightest, overlay } from '../../lib/media/overlay.js';
import { writePicture } from '../../lib/media/readPicture.js';
import { psnr } from '../../lib/media/psnr.js';
import { readFilmSound, readSound } from '../../lib/media/readSound.js';

import { type Input, withPath } from '../inputs.js';
import { withProgress } from '../progress.js';
import { look, type LookOptions, mostOf, rowOf } from './look.js';
import type { Shown } from './shown.js';

/** Approximate side of a frame in the strip; pixels between frames, and between rows. */
const [aim, between, apart] = [112, 2, 8];

const strip = (frames: readonly Picture[]): Picture =>
  beside(
    frames.map((frame) => near(frame, aim)),
    between,
  );

/** The attention to each frame over it, all frames in the same colours. */
const overlays = (frames: readonly Picture[], weights: Float32Array, side: number): Picture[] => {
  const top = brightest({ weights });
  return frames.map((frame, i) =>
    overlay(
      near(frame, aim),
      { height: side, width: side, weights: weights.subarray(i * side * side, (i + 1) * side * side) },
      { top },
    ),
  );
};

const ratioOf = (frames: readonly Picture[], decoded: readonly Picture[]): number | undefined =>
  frames.every(({ data }, i) => decoded[i]?.data.length === data.length) ? psnr(frames, decoded) : undefined;

/** Attention of an autoencoder of films. */
export const attendFilm = async (
  model: ModelNamed<PresetsOf<'autoencode'>>,
  [input]: readonly Input[],
  {
    sound: soundPath,
    folderRate,
    ...options
  }: LookOptions & { readonly out: string; readonly sound?: string; readonly folderRate?: number },
): Promise<Shown> => {
  const { config } = model;
  const size = sizeOfClip(config);
  const { film, sound } = await withPath(input, async (path) => ({
    film: await runOrFail(
      showInputError,
      readFrames(path, config.numFrames, { framesPerSecond, folderRate }),
    ),
    sound: await runOrFail(
      showInputError,
      soundPath === undefined ? readFilmSound(path) : readSound(soundPath),
    ),
  }));
  const frames = clipPictures(orFail(showInputError)(clipImages(film, size)), size);
  const { output, maps } = await withProgress('decoding', (onProgress) =>
    look(model, { frames: film, sound }, { ...options, map: { ...options.map, onProgress } }),
  );
  const weights = rowOf(maps[0], 0);
  const rows = [strip(frames), strip(output.frames), strip(overlays(frames, weights, config.patchGrid))];
  await runOrFail(showInputError, writePicture(options.out, below(rows, apart)));
  const onFrames = weights.reduce((sum, weight) => sum + weight, 0);
  const ratio = ratioOf(frames, output.frames);
  const line = `${showShare(onFrames)} of the attention is on the frames, the rest on sound and label`;
  return {
    line,
    layer: maps[0].layer,
    json: {
      layer: maps[0].layer.path,
      grid: maps[0].weights.shape.slice(1),
      psnr: ratio,
      onFrames,
      most: mostOf(weights),
    },
    lines: [
      'from above: the frames, as they come back, where the encoder looks',
      ...(ratio === undefined ? [] : [`PSNR ${ratio.toFixed(2)} dB`]),
      line,
    ],
  };
};
