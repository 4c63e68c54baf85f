/**
 * Preparing the training of the autoencoder on a person's own films by class: clips of their frames with the sound that
 * belongs to them.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { float32, int32 } from '../../lib/data/array.js';
import { type InputError, inputError, showInputError } from '../../lib/data/inputError.js';
import { counted, grouped } from '../../lib/data/quantities.js';
import { countFrames, readFrames } from '../../lib/media/film.js';
import type { Sound } from '../../lib/media/sound.js';
import { randint } from '../../lib/random/index.js';
import type { Examples } from '../../lib/train/data.js';
import type { LabelledFile } from '../../lib/train/readers/labelledFiles.js';
import { type MultimodalConfig, multimodalShapes } from '../../presets/multimodal/network.js';
import { multimodal } from '../../presets/multimodal/preset.js';
import { multimodalRecipe } from '../../presets/multimodal/recipe.js';
import {
  autoencoderTraining,
  clipFigures,
  type LabelledClip,
} from '../../presets/multimodal/recipe/training.js';
import { framesPerSecond, sizeOfClip } from '../../presets/multimodal/run.js';
import { clipAudio, clipImages, type ClipSize } from '../../presets/multimodal/run/clip.js';
import type { AnyModel } from '../../presets/preset.js';
import { Failure, orFail, runOrFail, UsageError } from '../failure.js';
import { filmSound } from '../filmSound.js';
import { configChanges, loadModel } from '../load.js';
import { folderRateOf } from '../options.js';
import { recipeOf, seedOf, type TrainingOptions } from './options.js';
import { ownFiles } from './ownFiles.js';
import { fittedTo, type How, type Prepared } from './prepared.js';

/** Parameters that belong to the classes: the label's head. */
export const labelHead = /classification_postprocessor/;

/** A film as far as clips can be taken from it. */
interface Film {
  /** Frames at 25 a second that there is sound for; of a silent film all of them. */
  readonly numFrames: number;
  readonly isSilent: boolean;
}

const framesOf = ({ sampleRate, channels: [samples] }: Sound): number =>
  Math.floor(((samples?.length ?? 0) * framesPerSecond) / sampleRate);

/** Reads a whole film; a left for one that is damaged or shorter than a clip. */
const checkedFilm = (
  path: string,
  { numFrames: least }: ClipSize,
  folderRate: number,
): TE.TaskEither<InputError, Film> =>
  pipe(
    TE.Do,
    TE.apS('seen', countFrames(path, { framesPerSecond, folderRate })),
    TE.apS('sound', filmSound(path)),
    TE.chainEitherK(({ seen, sound }) => {
      const heard = sound === undefined ? seen : framesOf(sound);
      if (seen >= least && heard >= least)
        return E.right({ numFrames: Math.min(seen, heard), isSilent: sound === undefined });
      const found =
        seen < least ? counted(seen, 'frame') : `${counted(seen, 'frame')} with sound for ${heard}`;
      return inputError(path, found, `at least ${least}, ${framesPerSecond} a second`);
    }),
  );

/** A sound from the beginning of a frame on. */
const soundFrom = ({ sampleRate, channels }: Sound, frame: number): Sound => ({
  sampleRate,
  channels: channels.map((samples) => samples.subarray(Math.floor((frame * sampleRate) / framesPerSecond))),
});

/** The clip of a film that begins with a certain frame. */
const readClip = (path: string, start: number, size: ClipSize, folderRate: number) =>
  pipe(
    TE.Do,
    TE.apS('frames', readFrames(path, size.numFrames, { start, framesPerSecond, folderRate })),
    TE.apS('sound', filmSound(path)),
    TE.chainEitherK(({ frames, sound }) =>
      pipe(
        E.Do,
        E.bind('image', () => clipImages(frames, size)),
        E.bind('audio', () => clipAudio(sound && soundFrom(sound, start), size)),
        E.mapLeft((error): InputError => ({ ...error, where: `${path}, ${error.where}` })),
      ),
    ),
  );

/** Clips of films: from a random frame on where they are trained on, else from the middle. */
const examplesOf = (
  files: readonly LabelledFile[],
  films: ReadonlyMap<string, Film>,
  { config, folderRate }: { readonly config: MultimodalConfig; readonly folderRate: number },
  isRandom: boolean,
): Examples<LabelledClip> => {
  const [size, shapes] = [sizeOfClip(config), multimodalShapes(config)];
  return {
    length: files.length,
    at: async (i, key) => {
      const { path, label } = files[i];
      const room = (films.get(path)?.numFrames ?? size.numFrames) - size.numFrames;
      const start = isRandom ? randint(key, [], 0, room + 1).data[0] : Math.floor(room / 2);
      const { image, audio } = await runOrFail(showInputError, readClip(path, start, size, folderRate));
      return {
        image: float32(shapes.image, image),
        audio: float32(shapes.audio, audio),
        label: int32([], [label]),
      };
    },
  };
};

/** The number of classes of the model: those of the films, or of the checkpoint that a fine-tuning begins with. */
const numClassesOf = (config: MultimodalConfig, found: number, isTuning: boolean): number => {
  if (!isTuning) return found;
  // The width of the encoder's input goes with the number of classes.
  if (found > config.numClasses)
    throw new Failure(
      `found ${counted(found, 'class', 'classes')}, expected at most the ${config.numClasses} of the checkpoint`,
    );
  return config.numClasses;
};

/** The training of `multimodal` on films by a command's options. */
export const filmsTraining = async (
  options: TrainingOptions,
  { weights, tuning, isTuning }: How,
): Promise<Prepared & { readonly changes: readonly string[] }> => {
  const { data } = options;
  const folderRate = folderRateOf(options);
  if (data === undefined)
    throw new UsageError(
      'multimodal needs --data: a folder with a folder of films or of folders of frames for each class, or a CSV of file and label',
    );
  const wanted = await recipeOf(multimodalRecipe, options);
  const { config } = await loadModel('multimodal', options, ['multimodal']);
  const json = (await configChanges('multimodal', options)) as { maskProbs?: object };
  const films = new Map<string, Film>();
  const files = await ownFiles(data, options, 'films', (path) =>
    pipe(
      checkedFilm(path, sizeOfClip(config), folderRate),
      TE.map((film) => films.set(path, film)),
    ),
  );
  const { training, heldOut, classes } = files;
  const how = { config, folderRate };
  const { recipe, changes } = fittedTo(wanted, training.length, 'film', options);
  const numClasses = numClassesOf(config, classes.length, isTuning);
  const { maskProbs: _trained, ...kept } = { ...config, numClasses };
  const model = multimodal(kept);
  const first = await weights(model as unknown as AnyModel, classes);
  const masked = multimodal({ ...kept, maskProbs: { label: 0.5, ...json.maskProbs } });
  const run = orFail(({ message }: Error) => message)(
    E.tryCatch(
      () =>
        autoencoderTraining({
          views: [{ model: masked, examples: recipe.batchSize }],
          recipe,
          training: examplesOf(training, films, how, true),
          evaluate: clipFigures(model, examplesOf(heldOut, films, how, false), recipe.batchSize),
          seed: seedOf(options),
          ...(first.weights && { weights: first.weights }),
          tuning,
        }),
      E.toError,
    ),
  );
  const silent = [...training, ...heldOut].filter(({ path }) => films.get(path)?.isSilent).length;
  return {
    run,
    recipe,
    tuning,
    changes,
    data: { ...files.data, framesPerSecond: folderRate },
    about: [
      ...files.about,
      ...first.about,
      `${counted(training.length, 'film')} to train on, ${grouped(heldOut.length)} held out`,
      ...(silent > 0 ? [`without sound, which is silence in training: ${grouped(silent)}`] : []),
    ],
    files: { 'config.json': kept, 'classes.json': classes },
  };
};
