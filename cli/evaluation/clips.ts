/**
 * The autoencoder on films: `FOLDER/CLIP/` or `FOLDER/LABEL/CLIP/` with numbered pictures and a sound in WAV, Kinetics
 * taken apart; a film in the place of a clip's folder is read by ffmpeg.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { InputError } from '../../lib/data/inputError.js';
import { readFrames } from '../../lib/media/film.js';
import { framesPerSecond, sizeOfClip } from '../../presets/multimodal/run.js';
import { clipAudio, clipImages } from '../../presets/multimodal/run/clip.js';
import { kineticsLabels } from '../../presets/multimodal/run/labels.js';
import { Failure } from '../failure.js';
import { filmSound } from '../filmSound.js';
import type { ModelNamed } from '../load.js';
import { type EvaluatedFigure, type Evaluation, meanOf, type Named, type Row } from './evaluation.js';

interface LabelledClip extends Named {
  readonly path: string;
  readonly label?: string;
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const names = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();

const isPicture = (name: string): boolean => /\.(png|jpe?g|webp|avif|tiff?|bmp)$/i.test(name);
const isFilm = (name: string): boolean => /\.(mp4|webm|mkv|mov|avi|gif)$/i.test(name);

/** Tells whether a folder or file is one clip. */
const isClip = (path: string): boolean => (isFolder(path) ? names(path).some(isPicture) : isFilm(path));

const clipsIn = (folder: string, label?: string): readonly LabelledClip[] =>
  names(folder)
    .filter((name) => isClip(join(folder, name)))
    .map((name) => ({
      name: label === undefined ? name : `${label}/${name}`,
      path: join(folder, name),
      ...(label !== undefined && { label }),
    }));

const clipsOf = (folder: string): readonly LabelledClip[] => {
  if (!isFolder(folder)) throw new Failure(`${folder}: found no folder, expected one of clips`);
  const own = clipsIn(folder);
  const clips =
    own.length > 0
      ? own
      : names(folder)
          .filter((name) => isFolder(join(folder, name)))
          .flatMap((label) => clipsIn(join(folder, label), label));
  if (clips.length === 0)
    throw new Failure(
      `${folder}: found no clip, expected CLIP/frame_0001.png or LABEL/CLIP/frame_0001.png, with a WAV beside`,
    );
  return clips;
};

/** Decibels of the mean squared difference, where values lie within `range`. */
const psnr = (found: ArrayLike<number>, truth: ArrayLike<number>, range: number): number => {
  let sum = 0;
  for (let i = 0; i < truth.length; i++) sum += (found[i] - truth[i]) ** 2;
  return 10 * Math.log10((range ** 2 * truth.length) / sum);
};

/**
 * Peak signal-to-noise ratios of pictures and sound, means over clips, and the accuracy of the label.
 * @param folderRate  frames in a second of clips that are folders of pictures
 * @param classes  names of the model's labels, where they are a person's own; those of Kinetics-700 if not given
 */
export const clipEvaluation = (
  model: ModelNamed<'multimodal'>,
  folder: string,
  folderRate = framesPerSecond,
  classes?: readonly string[],
): Evaluation<LabelledClip> => {
  const size = sizeOfClip(model.config);
  const known = classes ?? kineticsLabels;
  const of = classes ? '' : 'Kinetics-700, ';
  const rate = { framesPerSecond, folderRate };
  const judgeOne = async (
    runner: Parameters<Evaluation['judge']>[0],
    { path, label }: LabelledClip,
  ): Promise<E.Either<InputError, Row>> => {
    const [frames, sound] = [await readFrames(path, size.numFrames, rate)(), await filmSound(path)()];
    if (E.isLeft(frames)) return frames;
    if (E.isLeft(sound)) return sound;
    const clip = { frames: frames.right, sound: sound.right };
    const [images, audio] = [clipImages(clip.frames, size), clipAudio(clip.sound, size)];
    if (E.isLeft(images)) return images;
    if (E.isLeft(audio)) return audio;
    const decoded = await model.run(runner.weights, clip, { runner })();
    if (E.isLeft(decoded)) return decoded;
    const pixels = decoded.right.frames.flatMap(({ data }) =>
      [...data].filter((_, i) => i % 4 !== 3).map((value) => value / 255),
    );
    return E.right({
      video: psnr(pixels, images.right, 1),
      audio: psnr(decoded.right.sound.channels[0], audio.right, 1),
      ...(label !== undefined && { right: Number(known[decoded.right.labels[0].index] === label) }),
    });
  };
  const examples = clipsOf(folder);
  const unknown = examples.find(({ label }) => label !== undefined && !known.includes(label));
  if (unknown)
    throw new Failure(
      `${join(folder, unknown.label as string)}: no class of ${classes ? 'the model' : 'Kinetics-700'} has this name`,
    );
  return {
    dataset: 'films',
    called: 'clips',
    examples,
    judge: async (runner, batch) => {
      const results: E.Either<InputError, Row>[] = [];
      for (const clip of batch) results.push(await judgeOne(runner, clip));
      return results;
    },
    figures: (rows): readonly EvaluatedFigure[] => {
      const judged = rows.filter(({ right }) => right !== undefined);
      return [
        {
          what: `${of}sound, PSNR`,
          value: meanOf(rows, ({ audio }) => audio as number),
          unit: 'dB',
        },
        {
          what: `${of}video, PSNR`,
          value: meanOf(rows, ({ video }) => video as number),
          unit: 'dB',
        },
        ...(judged.length > 0
          ? [
              {
                what: `${of}top-1 of the label`,
                value: 100 * meanOf(judged, ({ right }) => right as number),
                unit: '%',
              },
            ]
          : []),
      ];
    },
  };
};
