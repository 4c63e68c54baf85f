/** `renga classify`: the likeliest classes of pictures. */
import { showShare } from '../../lib/data/quantities.js';
import type { Command } from 'commander';
import type { ClassGuess } from '../../presets/classes.js';
import type { Picture } from '../../lib/media/picture.js';
import { type Digit, greyOf } from '../../presets/digits/run.js';
import { presetNames } from '../../presets/registry.js';
import type { Runner } from '../../lib/run/index.js';
import { showInputError } from '../../lib/data/inputError.js';
import { runOrFail } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { loadModel } from '../load.js';
import { readPicture } from '../../lib/media/readPicture.js';
import { examples, modelOptions, wholeNumber } from '../options.js';
import { print } from '../print.js';

interface ClassifyOptions extends RunOptions {
  readonly preset: string;
  readonly top: string;
  readonly json?: boolean;
}

const classifiers = presetNames('classify');

const digitGuesses = ({ probabilities }: Digit): ClassGuess[] =>
  Array.from(probabilities, (probability, index) => ({ index, label: `${index}`, probability })).sort(
    (a, b) => b.probability - a.probability,
  );

const text = (guesses: readonly ClassGuess[]): string =>
  guesses.map(({ label, probability }) => `${showShare(probability).padStart(7)}  ${label}`).join('\n');

/** Adds `renga classify IMAGE…`. */
export const classify = (program: Command): void => {
  const command = program
    .command('classify')
    .argument('<images...>', 'pictures; for digits, light ink on dark paper')
    .description('name the likeliest classes of pictures')
    .option('--preset <name>', classifiers.join(', '), 'imagenet-conv');
  runOptions(modelOptions(command))
    .option('--top <n>', 'show this number of classes', '5')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'classify dog.jpg --checkpoint imagenet_conv_preprocessing.pystate',
        'classify seven.png --preset digits',
      ),
    )
    .action(async (images: string[], options: ClassifyOptions) => {
      const top = wholeNumber('--top', options.top, 1);
      const model = await loadModel(options.preset, options, classifiers);
      const pictures = await Promise.all(images.map((path) => runOrFail(showInputError, readPicture(path))));
      const guess = async (runner: Runner, picture: Picture): Promise<readonly ClassGuess[]> => {
        const { weights } = runner;
        return model.name === 'digits'
          ? digitGuesses(await runOrFail(showInputError, model.run(weights, greyOf(picture), { runner })))
          : runOrFail(showInputError, model.run(weights, picture, { runner }));
      };
      const results: { image: string; classes: readonly ClassGuess[] }[] = [];
      await withRunner(model, options, async (runner) => {
        for (const [i, picture] of pictures.entries())
          results.push({ image: images[i], classes: (await guess(runner, picture)).slice(0, top) });
      });
      print(options.json, results, () =>
        results
          .map(({ image, classes }) => `${images.length > 1 ? `${image}\n` : ''}${text(classes)}`)
          .join('\n\n'),
      );
    });
};
