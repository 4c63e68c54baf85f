/**
 * Preparing a training on a person's own recordings: sounds, films with their sound, and folders of frames with or
 * without a sound in them, by class.
 */
import { statSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type HostArray, int32 } from '../../lib/data/array.js';
import { type InputError, showInputError } from '../../lib/data/inputError.js';
import { counted, grouped } from '../../lib/data/quantities.js';
import { readFrames } from '../../lib/media/film.js';
import { readSound } from '../../lib/media/readSound.js';
import type { Sound } from '../../lib/media/sound.js';
import { randint } from '../../lib/random/index.js';
import type { Examples } from '../../lib/train/data.js';
import type { LabelledFile } from '../../lib/train/readers/labelledFiles.js';
import type { AudioSetConfig } from '../../presets/audioset/network.js';
import { audiosetRecipe } from '../../presets/audioset/recipe.js';
import { type LabelledRecording, recordingTraining } from '../../presets/audioset/recipe/training.js';
import {
  checkedRecording,
  clipInputs,
  framesPerSecond,
  type Recording,
  sampleRate,
} from '../../presets/audioset/run.js';
import type { AnyModel } from '../../presets/preset.js';
import { Failure, orFail, runOrFail, UsageError } from '../failure.js';
import { filmSound } from '../filmSound.js';
import { configChanges, loadModel, type ModelNamed } from '../load.js';
import { modelOf } from '../modelConfig.js';
import { folderRateOf } from '../options.js';
import { recipeOf, seedOf, type TrainingOptions } from './options.js';
import { ownFiles } from './ownFiles.js';
import { fittedTo, type How, type Prepared } from './prepared.js';

/** Presets that are trained on recordings with classes. */
export const taggers = ['audioset-raw', 'audioset-mel'] as const;

const filmFile = /\.(mp4|m4v|mov|webm|mkv|avi|gif)$/i;

const silence = (seconds: number): Sound => ({
  sampleRate,
  channels: [new Float32Array(Math.ceil(seconds * sampleRate))],
});

/** Frames, 25 a second, with their sound, or with silence as long as they are. */
const filmed = (path: string, folderRate: number): TE.TaskEither<InputError, Recording> =>
  pipe(
    readFrames(path, Infinity, { framesPerSecond, folderRate }),
    TE.bindTo('frames'),
    TE.bind('heard', () => filmSound(path)),
    TE.map(({ frames, heard }) => ({ frames, sound: heard ?? silence(frames.length / framesPerSecond) })),
  );

/** A recording: a sound, a film, or a folder of frames with at most one sound in it. */
export const readRecording = (path: string, folderRate: number): TE.TaskEither<InputError, Recording> => {
  const isFilmed = statSync(path, { throwIfNoEntry: false })?.isDirectory() || filmFile.test(path);
  if (isFilmed) return filmed(path, folderRate);
  return pipe(
    readSound(path),
    TE.map((sound) => ({ sound })),
  );
};

/** A recording as a model takes it; errors name its file. */
const checkedFile = (path: string, config: AudioSetConfig, folderRate: number) =>
  pipe(
    readRecording(path, folderRate),
    TE.chainEitherK((recording) =>
      pipe(
        checkedRecording(recording, config),
        E.mapLeft((error): InputError => ({ ...error, where: `${path}, ${error.where}` })),
      ),
    ),
  );

/** An example's array without the batch. */
const single = ({ shape, dtype, data }: HostArray): HostArray =>
  ({ shape: shape.slice(1), dtype, data }) as HostArray;

/** Clips of recordings: from a random sample on where they are trained on, else from the middle. */
const examplesOf = (
  files: readonly LabelledFile[],
  config: AudioSetConfig,
  folderRate: number,
  isRandom: boolean,
): Examples<LabelledRecording> => ({
  length: files.length,
  at: async (i, key) => {
    const { path, label } = files[i];
    const recording = await runOrFail(showInputError, checkedFile(path, config, folderRate));
    const room = recording.samples.length - config.numSamples;
    const start = isRandom ? randint(key, [], 0, room + 1).data[0] : Math.floor(room / 2);
    const { image, audio } = clipInputs(recording, start, config);
    return { image: single(image), audio: single(audio), label: int32([], [label]) };
  },
});

/** The training on recordings by a command's options. */
export const recordingsTraining = async (
  name: (typeof taggers)[number],
  options: TrainingOptions,
  { weights, tuning }: How,
): Promise<Prepared & { readonly changes: readonly string[] }> => {
  const { data } = options;
  const folderRate = folderRateOf(options);
  if (data === undefined)
    throw new UsageError(
      `${name} needs --data: a folder with a folder of sounds, films or folders of frames for each class, or a CSV of file and label`,
    );
  const wanted = await recipeOf(audiosetRecipe, options);
  const asGiven = await loadModel(name, options, taggers);
  const files = await ownFiles(data, options, 'recordings', (path) =>
    checkedFile(path, asGiven.config, folderRate),
  );
  const json = (await configChanges(name, options)) as object;
  const changes = { ...json, numClasses: files.classes.length };
  const made = modelOf(name, changes);
  if (E.isLeft(made))
    throw new Failure(`${name} has no model of ${counted(files.classes.length, 'class', 'classes')}`);
  const model = made.right as ModelNamed<typeof name>;
  const { recipe, changes: told } = fittedTo(wanted, files.training.length, 'recording', options);
  const first = await weights(model as unknown as AnyModel, files.classes);
  const run = orFail(({ message }: Error) => message)(
    E.tryCatch(
      () =>
        recordingTraining({
          model,
          recipe,
          training: examplesOf(files.training, model.config, folderRate, true),
          heldOut: examplesOf(files.heldOut, model.config, folderRate, false),
          seed: seedOf(options),
          ...(first.weights && { weights: first.weights }),
          tuning,
        }),
      E.toError,
    ),
  );
  return {
    run,
    recipe,
    tuning,
    changes: told,
    data: { ...files.data, framesPerSecond: folderRate },
    about: [
      ...files.about,
      ...first.about,
      `${counted(files.training.length, 'recording')} to train on, ${grouped(files.heldOut.length)} held out`,
    ],
    files: { 'config.json': changes, 'classes.json': files.classes },
  };
};
