/** `renga audio-tags`: the kinds of sound in a recording. */
import { showShare } from '../../lib/data/quantities.js';
import type { Command } from 'commander';
import { showInputError } from '../../lib/data/inputError.js';
import { readFrames } from '../../lib/media/film.js';
import { readSound } from '../../lib/media/readSound.js';
import { presetNames } from '../../presets/registry.js';
import { runOrFail } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { loadModel, markOf } from '../load.js';
import { examples, modelOptions, wholeNumber } from '../options.js';
import { print } from '../print.js';
import { withProgress } from '../progress.js';

const taggers = presetNames('audio-tags');

interface AudioTagsOptions extends RunOptions {
  readonly preset: string;
  readonly frames?: string;
  readonly top: string;
  readonly json?: boolean;
}

/** Adds `renga audio-tags SOUND`. */
export const audioTags = (program: Command): void => {
  const command = program
    .command('audio-tags')
    .argument('<sound>', 'a sound (WAV, MP3, FLAC, Ogg Vorbis, Opus), or a film with sound')
    .description('name the kinds of sound in a recording, by 16 overlapping clips of 1.28 seconds')
    .option('--preset <name>', taggers.join(', '), 'audioset-raw')
    .option(
      '--frames <path>',
      'also look at the frames of this film, GIF, or folder of pictures, 25 a second',
    );
  runOptions(modelOptions(command))
    .option('--top <n>', 'show this number of tags', '5')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'audio-tags clip.wav --checkpoint audioset.npz',
        'audio-tags film.mp4 --frames film.mp4 --checkpoint audioset.npz --json',
      ),
    )
    .action(async (path: string, options: AudioTagsOptions) => {
      const top = wholeNumber('--top', options.top, 1);
      const model = await loadModel(options.preset, options, taggers);
      const sound = await runOrFail(showInputError, readSound(path));
      const { frames: film } = options;
      const frames = film === undefined ? undefined : await runOrFail(showInputError, readFrames(film));
      const tags = await withRunner(model, options, (runner) =>
        withProgress('listening', (onProgress) =>
          runOrFail(showInputError, model.run(runner.weights, { sound, frames }, { runner, onProgress })),
        ),
      );
      const shown = tags.slice(0, top);
      print(options.json, { sound: path, tags: shown, ...markOf(options) }, () =>
        shown.map(({ label, probability }) => `${showShare(probability).padStart(7)}  ${label}`).join('\n'),
      );
    });
};
