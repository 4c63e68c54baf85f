/** `renga autoencode`: films through the latents and back. */
import { counted, showShare } from '../../lib/data/quantities.js';
import type { Command } from 'commander';
import { showInputError } from '../../lib/data/inputError.js';
import { classNames } from '../classNames.js';
import { onEach } from '../each.js';
import { runOrFail, UsageError } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { type Input, namedFilms, withPath } from '../inputs.js';
import { loadModel, markOf, showMark } from '../load.js';
import { checkPlace } from '../../lib/files/bytes.js';
import { makeFolder } from '../../lib/files/makeFolder.js';
import { beside } from '../../lib/media/compose.js';
import { checkFramesPlace, readFrames, writeFrames } from '../../lib/media/film.js';
import { crop, type Picture } from '../../lib/media/picture.js';
import { resizeLinear } from '../../lib/media/resize.js';
import { readFilmSound, readSound, writeSound } from '../../lib/media/readSound.js';
import { framesPerSecond } from '../../presets/multimodal/run.js';
import { type Clip, squareArea } from '../../presets/multimodal/run/clip.js';
import type { ClassGuess } from '../../presets/classes.js';
import { presetNames } from '../../presets/registry.js';
import { examples, folderRateOf, folderRateOption, modelOptions, wholeNumber } from '../options.js';
import { expectEnding, expectFolder, outputsIn } from '../outputs.js';
import { withProgress } from '../progress.js';

const autoencoders = presetNames('autoencode');

interface AutoencodeOptions extends RunOptions {
  readonly preset: string;
  readonly sound?: string;
  readonly fps: string;
  readonly out: string;
  readonly outSound?: string;
  readonly beside?: boolean;
  readonly classes?: string;
  readonly chunk?: string;
  readonly json?: boolean;
}

/** Each decoded frame with the picture that the model saw to its left. */
const besideInput = (frames: readonly Picture[], decoded: readonly Picture[]): readonly Picture[] =>
  decoded.map((frame, i) => {
    const seen = frames[Math.min(i, frames.length - 1)];
    return beside([resizeLinear(crop(seen, squareArea(seen)), frame.width, frame.height), frame], 0);
  });

/** A film, and the places of its decoded frames and sound. */
interface Job {
  readonly name: string;
  /** Undefined for a sound alone. */
  readonly film?: Input;
  readonly out: string;
  readonly outSound?: string;
}

/** The films with their outputs: those that were named for an only film, or files in the folders that were named. */
const jobsOf = async (films: readonly Input[], options: AutoencodeOptions): Promise<readonly Job[]> => {
  const { out, outSound, sound } = options;
  if (films.length === 0 && sound === undefined)
    throw new UsageError('found neither films nor --sound, expected one of them');
  if (films.length <= 1) {
    expectFolder('--out', out, '.gif');
    if (outSound !== undefined) expectEnding('--out-sound', outSound, '.wav');
    await runOrFail(showInputError, checkFramesPlace(out));
    if (outSound !== undefined) await runOrFail(showInputError, checkPlace(outSound));
    const [film] = films;
    return [{ name: film?.name ?? (sound as string), film, out, outSound }];
  }
  if (sound !== undefined) throw new UsageError('--sound is for one film');
  for (const [flag, path] of [
    ['--out', out],
    ['--out-sound', outSound],
  ] as const)
    if (path !== undefined) {
      expectFolder(flag, path);
      await makeFolder(path);
    }
  const names = films.map(({ name }) => name);
  const gifs = outputsIn(out, names, '.gif');
  const sounds = outSound === undefined ? undefined : outputsIn(outSound, names, '.wav');
  return films.map((film, i) => ({ name: film.name, film, out: gifs[i], outSound: sounds?.[i] }));
};

/** The first frames of a film, 25 a second, and its sound or that of another file; without a film, the sound alone. */
const readClip = async (
  film: Input | undefined,
  count: number,
  { sound, folderRate }: { readonly sound?: string; readonly folderRate: number },
): Promise<Clip> => {
  const own = sound === undefined ? undefined : await runOrFail(showInputError, readSound(sound));
  if (film === undefined) return { sound: own };
  return withPath(film, async (path) => ({
    frames: await runOrFail(showInputError, readFrames(path, count, { framesPerSecond, folderRate })),
    sound: own ?? (await runOrFail(showInputError, readFilmSound(path))),
  }));
};

const showLabel = ({ label, probability }: ClassGuess, width = 0): string =>
  `${showShare(probability).padStart(width)}  ${label}`;

/** Adds `renga autoencode FILM…`. */
export const autoencode = (program: Command): void => {
  const command = program
    .command('autoencode')
    .argument(
      '[films...]',
      `films, GIFs, folders of pictures (each a film) or of films, patterns such as 'a/**/*.mp4', - for the standard input`,
    )
    .description(
      'encode the first frames of films and their sound, decode them, and name the likeliest classes',
    )
    .option('--preset <name>', autoencoders.join(', '), 'multimodal')
    .option(
      '--sound <file>',
      "read the film's sound from this file; default: the film's own, or silence; digit-tones makes the missing one up",
    )
    .requiredOption(
      '--out <path>',
      'write the decoded frames to this folder, or to a .gif; of several films, a .gif each to this folder',
    )
    .option('--beside', "put the model's input to the left of each decoded frame")
    .option(
      '--out-sound <file>',
      'write the decoded sound to this WAV; of several films, a WAV each to this folder',
    )
    .option(
      '--classes <file>',
      'call the classes by the names in this file, a list in JSON; default: those of the run that wrote the checkpoint',
    )
    .option('--chunk <n>', 'decode this number of elements at once; changes memory and time, not the result');
  runOptions(modelOptions(folderRateOption(command)))
    .option('--json', 'print JSON, a line for each film')
    .addHelpText(
      'after',
      examples(
        'autoencode film.mp4 --out decoded.gif --checkpoint published',
        'autoencode film.mp4 --beside --out side-by-side.gif --checkpoint published',
        "autoencode 'clips/*.mp4' --out decoded/ --checkpoint published",
        'autoencode frames/ --sound sound.wav --out decoded/ --checkpoint video_autoencoding_checkpoint.pystate',
        'autoencode film.mp4 --out decoded/ --checkpoint runs/multimodal-finetuned/weights.safetensors',
        'autoencode seven/ --preset digit-tones --out decoded/ --out-sound seven.wav',
        'autoencode --preset digit-tones --sound seven.wav --out decoded/',
      ),
    )
    .action(async (given: string[], options: AutoencodeOptions) => {
      const chunkSize = options.chunk === undefined ? undefined : wholeNumber('--chunk', options.chunk, 1);
      const folderRate = folderRateOf(options);
      const model = await loadModel(options.preset, options, autoencoders);
      const names = await classNames(options, model.config.numClasses, false);
      const jobs = await jobsOf(await namedFilms(given), options);
      await withRunner(model, options, (runner) =>
        onEach(jobs, { json: options.json, label: 'decoding' }, async (job, isOnly) => {
          const raw = await readClip(job.film, model.config.numFrames, { sound: options.sound, folderRate });
          const decode = (onProgress?: (done: number, total: number) => void) =>
            runOrFail(showInputError, model.run(runner.weights, raw, { runner, chunkSize, onProgress }));
          const decoded = isOnly ? await withProgress('decoding', decode) : await decode();
          const shown =
            options.beside && raw.frames ? besideInput(raw.frames, decoded.frames) : decoded.frames;
          await runOrFail(showInputError, writeFrames(job.out, shown));
          if (job.outSound !== undefined)
            await runOrFail(showInputError, writeSound(job.outSound, decoded.sound));
          const labels = decoded.labels
            .slice(0, 5)
            .map((guess) => (names ? { ...guess, label: names[guess.index] ?? guess.label } : guess));
          const written = `${job.out}: ${counted(decoded.frames.length, 'frame')}${showMark(options)}`;
          return {
            json: { film: job.name, out: job.out, labels, ...markOf(options) },
            text: isOnly
              ? [written, ...labels.map((label) => showLabel(label, 7))].join('\n')
              : `${job.name} to ${written}, ${showLabel(labels[0])}`,
          };
        }),
      );
    });
};
