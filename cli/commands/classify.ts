/** `renga classify`: the likeliest classes of pictures. */
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import { showShare } from '../../lib/data/quantities.js';
import type { Command } from 'commander';
import type { ClassGuess } from '../../presets/classes.js';
import type { Picture } from '../../lib/media/picture.js';
import { type Digit, greyOf } from '../../presets/digits/run.js';
import { presetNames } from '../../presets/registry.js';
import type { Runner } from '../../lib/run/index.js';
import { showInputError } from '../../lib/data/inputError.js';
import { onEach } from '../each.js';
import { runOrFail } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { namedInputs, pictureFiles } from '../inputs.js';
import { loadModel, markOf } from '../load.js';
import { parsePicture } from '../../lib/media/readPicture.js';
import { examples, modelOptions, wholeNumber } from '../options.js';

interface ClassifyOptions extends RunOptions {
  readonly preset: string;
  readonly top?: string;
  readonly json?: boolean;
}

const classifiers = presetNames('classify');

const digitGuesses = ({ probabilities }: Digit): ClassGuess[] =>
  Array.from(probabilities, (probability, index) => ({ index, label: `${index}`, probability })).sort(
    (a, b) => b.probability - a.probability,
  );

/** The classes of an only picture, a line for each. */
const lines = (guesses: readonly ClassGuess[]): string =>
  guesses.map(({ label, probability }) => `${showShare(probability).padStart(7)}  ${label}`).join('\n');

/** The classes of one of several pictures. */
const oneLine = (name: string, guesses: readonly ClassGuess[]): string =>
  `${name}  ${guesses.map(({ label, probability }) => `${showShare(probability)} ${label}`).join('; ')}`;

/** Adds `renga classify IMAGE…`. */
export const classify = (program: Command): void => {
  const command = program
    .command('classify')
    .argument('<images...>', `pictures, folders, patterns such as 'a/**/*.jpg', - for the standard input`)
    .description('name the likeliest classes of pictures; digits takes light ink on dark paper')
    .option('--preset <name>', classifiers.join(', '), 'imagenet-conv');
  runOptions(modelOptions(command))
    .option('--top <n>', 'show this number of classes; default: 5, or 1 of each of several pictures')
    .option('--json', 'print JSON, a line for each picture')
    .addHelpText(
      'after',
      examples(
        'classify dog.jpg --checkpoint published',
        'classify photographs/ --checkpoint published --json',
        'classify seven.png --preset digits',
      ),
    )
    .action(async (images: string[], options: ClassifyOptions) => {
      const { json } = options;
      const top = options.top === undefined ? undefined : wholeNumber('--top', options.top, 1);
      const model = await loadModel(options.preset, options, classifiers);
      const inputs = await namedInputs(images, pictureFiles);
      const guess = async (runner: Runner, picture: Picture): Promise<readonly ClassGuess[]> => {
        const { weights } = runner;
        return model.name === 'digits'
          ? digitGuesses(await runOrFail(showInputError, model.run(weights, greyOf(picture), { runner })))
          : runOrFail(showInputError, model.run(weights, picture, { runner }));
      };
      await withRunner(model, options, (runner) =>
        onEach(inputs, { json, label: 'classifying' }, async ({ name, bytes }, isOnly) => {
          const picture = await runOrFail(
            showInputError,
            pipe(
              bytes,
              TE.chain((read) => parsePicture(name, read)),
            ),
          );
          const classes = (await guess(runner, picture)).slice(0, top ?? (isOnly || json ? 5 : 1));
          return {
            json: { image: name, classes, ...markOf(options) },
            text: isOnly ? lines(classes) : oneLine(name, classes),
          };
        }),
      );
    });
};
