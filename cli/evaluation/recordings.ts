/**
 * AudioSet: `eval_segments.csv` and `class_labels_indices.csv` as the data set has them, and beside them a sound or film
 * for each segment whose name begins with the segment's id.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { counted } from '../../lib/data/quantities.js';
import { float32, int32 } from '../../lib/data/array.js';
import type { InputError } from '../../lib/data/inputError.js';
import { readFrames } from '../../lib/media/film.js';
import { readFilmSound, readSound } from '../../lib/media/readSound.js';
import { meanAveragePrecision } from '../../lib/train/metrics.js';
import { framesPerSecond, type Recording } from '../../presets/audioset/run.js';
import { Failure } from '../failure.js';
import { expectThere } from '../paths.js';
import type { ModelNamed } from '../load.js';
import { readRecording } from '../training/recordings.js';
import { type Evaluation, meanOf, type Named, type Row } from './evaluation.js';
import { isFolder, isTable, ownLabels } from './ownLabels.js';

interface Segment extends Named {
  readonly path: string;
  readonly labels: readonly number[];
}

const [segments, classes] = ['eval_segments.csv', 'class_labels_indices.csv'];

const linesOf = (path: string): readonly string[] => {
  expectThere(path, 'the file as AudioSet has it');
  return readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
};

/** Numbers of the classes by their ids, such as /m/09x0r. */
const classesOf = (folder: string): ReadonlyMap<string, number> =>
  new Map(
    linesOf(join(folder, classes))
      .slice(1)
      .map((line) => {
        const [index, id] = line.split(',');
        return [id.replaceAll('"', ''), Number(index)];
      }),
  );

/** Sounds and films of the folder and of the folders in it. */
const filesIn = (folder: string): readonly string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (isFolder(path)) return readdirSync(path).map((each) => join(path, each));
    return [path];
  });

const isRecording = (path: string): boolean => /\.(wav|mp3|flac|ogg|opus|m4a|mp4|webm|mkv)$/i.test(path);

/** The id that the name of a file begins with: eleven characters, and in some collections a Y before them. */
const idOf = (path: string): string => (/([^/\\]*)\.\w+$/.exec(path) as RegExpExecArray)[1];

/** Segments that have a file; `YTID, start, end, "/m/09x0r,/t/dd00088"` in each line. */
const segmentsOf = (folder: string, numClasses: number): readonly Segment[] => {
  const known = classesOf(folder);
  if (known.size !== numClasses)
    throw new Failure(
      `${join(folder, classes)}: found ${counted(known.size, 'class', 'classes')}, expected ${numClasses}`,
    );
  const files = filesIn(folder).filter(isRecording);
  const found = linesOf(join(folder, segments)).flatMap((line, i) => {
    const [id, , , ...rest] = line.split(',').map((field) => field.trim());
    const path = files.find((file) => idOf(file).startsWith(id) || idOf(file).startsWith(`Y${id}`));
    if (path === undefined) return [];
    const labels = rest.map((each) => known.get(each.replaceAll('"', '')) ?? -1);
    if (labels.includes(-1))
      throw new Failure(
        `${join(folder, segments)}, line ${i + 1}: found a class that ${classes} does not have`,
      );
    return [{ name: id, path, labels }];
  });
  if (found.length === 0)
    throw new Failure(
      `${folder}: found no sound of a segment of ${segments}, expected files such as YTID.wav`,
    );
  return found;
};

/** A segment's sound, or its film with the sound. */
const readSegment =
  (path: string): TaskEither<InputError, Recording> =>
  async () => {
    const isFilm = /\.(mp4|webm|mkv)$/i.test(path);
    const sound = isFilm ? await readFilmSound(path)() : await readSound(path)();
    if (E.isLeft(sound)) return sound;
    const frames = isFilm ? await readFrames(path, Infinity, { framesPerSecond })() : E.right(undefined);
    return E.isLeft(frames) ? frames : E.right({ sound: sound.right!, frames: frames.right });
  };

/**
 * Mean average precision of the tags of sounds, and of films with their frames; of a person's own recordings, each of one
 * class, the share whose likeliest tag is right, too.
 * @param classNames  names of the model's classes, where they are a person's own
 * @param folderRate  frames in a second of recordings that are folders of pictures
 */
export const recordingEvaluation = async (
  model: ModelNamed<'audioset-raw' | 'audioset-mel'>,
  data: string,
  classNames?: readonly string[],
  folderRate = framesPerSecond,
): Promise<Evaluation<Segment>> => {
  const { numClasses } = model.config;
  const isAudioSet = existsSync(join(data, segments));
  if (!isAudioSet && !isFolder(data) && !isTable(data))
    throw new Failure(
      `${data}: found no such folder or table, expected ${segments} in it, a folder for each class, or a CSV of file and label`,
    );
  const own = isAudioSet ? [] : await ownLabels(data, numClasses, classNames);
  return {
    dataset: isAudioSet ? 'AudioSet, evaluation' : 'your recordings',
    called: 'recordings',
    examples: isAudioSet
      ? segmentsOf(data, numClasses)
      : own.map(({ label, ...file }) => ({ ...file, labels: [label] })),
    judge: async (runner, batch) => {
      const results: E.Either<InputError, Row>[] = [];
      for (const { path, labels } of batch) {
        const recording = isAudioSet ? await readSegment(path)() : await readRecording(path, folderRate)();
        if (E.isLeft(recording)) results.push(recording);
        else {
          const tags = await model.run(runner.weights, recording.right, { runner })();
          if (E.isLeft(tags)) results.push(tags);
          else {
            const scores = new Array<number>(numClasses).fill(0);
            for (const { index, probability } of tags.right) scores[index] = probability;
            results.push(E.right({ scores, labels }));
          }
        }
      }
      return results;
    },
    figures: (rows) => {
      const scores = float32(
        [rows.length, numClasses],
        rows.flatMap((row) => row.scores as readonly number[]),
      );
      const there = new Int32Array(rows.length * numClasses);
      rows.forEach((row, i) =>
        (row.labels as readonly number[]).forEach((label) => (there[i * numClasses + label] = 1)),
      );
      const { value } = meanAveragePrecision(scores, int32([rows.length, numClasses], there));
      if (isAudioSet) return [{ what: 'AudioSet, mAP', value: 100 * value, unit: '' }];
      const isRight = (row: Row): number => {
        const [own, [label]] = [row.scores as readonly number[], row.labels as readonly number[]];
        return Number(own.every((score, i) => i === label || score < own[label]));
      };
      return [
        { what: 'top-1', value: 100 * meanOf(rows, isRight), unit: '%' },
        { what: 'mAP', value: 100 * value, unit: '' },
      ];
    },
  };
};
