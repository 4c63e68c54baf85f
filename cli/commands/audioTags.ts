/** `renga audio-tags`: the kinds of sound in recordings. */
import { showShare } from '../../lib/data/quantities.js';
import type { Command } from 'commander';
import { showInputError } from '../../lib/data/inputError.js';
import { readFrames } from '../../lib/media/film.js';
import { readSound } from '../../lib/media/readSound.js';
import { framesPerSecond } from '../../presets/audioset/run.js';
import type { ClassGuess } from '../../presets/classes.js';
import { presetNames } from '../../presets/registry.js';
import { classNames } from '../classNames.js';
import { onEach } from '../each.js';
import { runOrFail, UsageError } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { namedInputs, soundFiles, withPath } from '../inputs.js';
import { loadModel, markOf } from '../load.js';
import { examples, folderRateOf, folderRateOption, modelOptions, wholeNumber } from '../options.js';
import { withProgress } from '../progress.js';

const taggers = presetNames('audio-tags');

interface AudioTagsOptions extends RunOptions {
  readonly preset: string;
  readonly frames?: string;
  readonly classes?: string;
  readonly fps: string;
  readonly top?: string;
  readonly json?: boolean;
}

type Tags = readonly Pick<ClassGuess, 'label' | 'probability'>[];

/** The tags of an only sound, a line for each. */
const lines = (tags: Tags): string =>
  tags.map(({ label, probability }) => `${showShare(probability).padStart(7)}  ${label}`).join('\n');

/** The tags of one of several sounds. */
const oneLine = (name: string, tags: Tags): string =>
  `${name}  ${tags.map(({ label, probability }) => `${showShare(probability)} ${label}`).join('; ')}`;

/** Adds `renga audio-tags SOUND…`. */
export const audioTags = (program: Command): void => {
  const command = program
    .command('audio-tags')
    .argument(
      '<sounds...>',
      `sounds (WAV, MP3, FLAC, Ogg Vorbis, Opus), films with sound, folders, patterns such as 'a/**/*.mp3', - for the standard input`,
    )
    .description('name the kinds of sound in recordings, by 16 overlapping clips of 1.28 seconds')
    .option('--preset <name>', taggers.join(', '), 'audioset-raw')
    .option(
      '--frames <path>',
      'also look at the frames of this film, GIF, or folder of pictures; the model sees 25 a second',
    );
  runOptions(modelOptions(folderRateOption(command)))
    .option(
      '--classes <file>',
      'call the tags by the names in this file, a list in JSON; default: those of the run that wrote the checkpoint',
    )
    .option('--top <n>', 'show this number of tags; default: 5, or 1 of each of several sounds')
    .option('--json', 'print JSON, a line for each sound')
    .addHelpText(
      'after',
      examples(
        'audio-tags clip.wav --checkpoint audioset.npz',
        'audio-tags recordings/ --checkpoint audioset.npz',
        'audio-tags film.mp4 --frames film.mp4 --checkpoint audioset.npz --json',
        'audio-tags clip.wav --frames frames/ --fps 30 --checkpoint audioset.npz',
      ),
    )
    .action(async (names: string[], options: AudioTagsOptions) => {
      const { json, frames: film } = options;
      const rate = { framesPerSecond, folderRate: folderRateOf(options) };
      const top = options.top === undefined ? undefined : wholeNumber('--top', options.top, 1);
      const model = await loadModel(options.preset, options, taggers);
      const called = await classNames(options, model.config.numClasses);
      const inputs = await namedInputs(names, soundFiles);
      if (film !== undefined && inputs.length > 1) throw new UsageError('--frames is for one sound');
      await withRunner(model, options, (runner) =>
        onEach(inputs, { json, label: 'listening' }, async (input, isOnly) => {
          const sound = await withPath(input, (path) => runOrFail(showInputError, readSound(path)));
          const frames =
            film === undefined
              ? undefined
              : await runOrFail(showInputError, readFrames(film, Infinity, rate));
          const listen = (onProgress?: (done: number, total: number) => void) =>
            runOrFail(showInputError, model.run(runner.weights, { sound, frames }, { runner, onProgress }));
          const found = isOnly ? await withProgress('listening', listen) : await listen();
          const tags = found
            .slice(0, top ?? (isOnly || json ? 5 : 1))
            .map((tag) => (called ? { ...tag, label: called[tag.index] } : tag));
          return {
            json: { sound: input.name, tags, ...markOf(options) },
            text: isOnly ? lines(tags) : oneLine(input.name, tags),
          };
        }),
      );
    });
};
