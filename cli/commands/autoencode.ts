/** `renga autoencode`: a film through the latents and back. */
import { showShare } from '../../lib/data/quantities.js';
import type { Command } from 'commander';
import { showInputError } from '../../lib/data/inputError.js';
import { runOrFail } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { loadModel, markOf, showMark } from '../load.js';
import { checkPlace } from '../../lib/files/bytes.js';
import { beside } from '../../lib/media/compose.js';
import { checkFramesPlace, readFrames, writeFrames } from '../../lib/media/film.js';
import { crop, type Picture } from '../../lib/media/picture.js';
import { resizeLinear } from '../../lib/media/resize.js';
import { readFilmSound, readSound, writeSound } from '../../lib/media/readSound.js';
import { squareArea } from '../../presets/multimodal/run/clip.js';
import { presetNames } from '../../presets/registry.js';
import { examples, modelOptions, wholeNumber } from '../options.js';
import { expectEnding, expectFolder } from '../outputs.js';
import { print } from '../print.js';
import { withProgress } from '../progress.js';

const autoencoders = presetNames('autoencode');

interface AutoencodeOptions extends RunOptions {
  readonly preset: string;
  readonly sound?: string;
  readonly out: string;
  readonly outSound?: string;
  readonly beside?: boolean;
  readonly chunk?: string;
  readonly json?: boolean;
}

/** Each decoded frame with the picture that the model saw to its left. */
const besideInput = (frames: readonly Picture[], decoded: readonly Picture[]): readonly Picture[] =>
  decoded.map((frame, i) =>
    beside([resizeLinear(crop(frames[i], squareArea(frames[i])), frame.width, frame.height), frame], 0),
  );

/** Adds `renga autoencode FILM`. */
export const autoencode = (program: Command): void => {
  const command = program
    .command('autoencode')
    .argument('<frames>', 'a film, a GIF, or a folder of pictures')
    .description(
      'encode the first 16 frames of a film and their sound, decode them, and name the likeliest actions',
    )
    .option('--preset <name>', autoencoders.join(', '), 'multimodal')
    .option('--sound <file>', "read the film's sound from this file; default: the film's own, or silence")
    .requiredOption('--out <path>', 'write the decoded frames to this folder, or to a .gif')
    .option('--beside', "put the model's input to the left of each decoded frame")
    .option('--out-sound <file>', 'write the decoded sound to this WAV')
    .option('--chunk <n>', 'decode this number of elements at once; changes memory and time, not the result');
  runOptions(modelOptions(command))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'autoencode film.mp4 --out decoded.gif --checkpoint published',
        'autoencode film.mp4 --beside --out side-by-side.gif --checkpoint published',
        'autoencode frames/ --sound sound.wav --out decoded/ --checkpoint video_autoencoding_checkpoint.pystate',
      ),
    )
    .action(async (path: string, options: AutoencodeOptions) => {
      const chunkSize = options.chunk === undefined ? undefined : wholeNumber('--chunk', options.chunk, 1);
      const model = await loadModel(options.preset, options, autoencoders);
      expectFolder('--out', options.out, '.gif');
      if (options.outSound !== undefined) expectEnding('--out-sound', options.outSound, '.wav');
      await runOrFail(showInputError, checkFramesPlace(options.out));
      if (options.outSound !== undefined) await runOrFail(showInputError, checkPlace(options.outSound));
      const { numFrames } = model.config;
      const frames = await runOrFail(showInputError, readFrames(path, numFrames));
      const sound = await runOrFail(
        showInputError,
        options.sound === undefined ? readFilmSound(path) : readSound(options.sound),
      );
      const decoded = await withRunner(model, options, (runner) =>
        withProgress('decoding', (onProgress) =>
          runOrFail(
            showInputError,
            model.run(runner.weights, { frames, sound }, { runner, chunkSize, onProgress }),
          ),
        ),
      );
      const shown = options.beside ? besideInput(frames, decoded.frames) : decoded.frames;
      await runOrFail(showInputError, writeFrames(options.out, shown));
      if (options.outSound !== undefined)
        await runOrFail(showInputError, writeSound(options.outSound, decoded.sound));
      const labels = decoded.labels.slice(0, 5);
      print(options.json, { out: options.out, labels, ...markOf(options) }, () =>
        [
          `${options.out}: ${decoded.frames.length} frames${showMark(options)}`,
          ...labels.map(({ label, probability }) => `${showShare(probability).padStart(7)}  ${label}`),
        ].join('\n'),
      );
    });
};
