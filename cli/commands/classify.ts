/** What pictures show. */
import { showShare } from '../../lib/data/quantities.js';
import type { Command } from 'commander';
import type { ClassGuess } from '../../presets/classes.js';
import type { Picture } from '../../lib/media/picture.js';
import { greyOf } from '../../presets/digits/grey.js';
import { type InputError, showInputError } from '../../lib/data/inputError.js';
import { type Weights } from '../../presets/preset.js';
import { computing } from '../../presets/run.js';
import { runOrFail } from '../failure.js';
import { type RunOptions, runOptions, withWeights } from '../engine.js';
import { loadModel, wholeNumber } from '../load.js';
import { readPicture } from '../../lib/media/readPicture.js';
import { examples, modelOptions } from '../options.js';
import { print } from '../print.js';
import type { Digit } from '../../presets/digits/digits.js';

interface ClassifyOptions extends RunOptions {
  readonly preset: string;
  readonly top: string;
  readonly json?: boolean;
}

const presetNames = ['imagenet-conv', 'imagenet-fourier', 'imagenet-learned', 'digits'];

const digitGuesses = ({ probabilities }: Digit): ClassGuess[] =>
  Array.from(probabilities, (probability, index) => ({ index, label: `${index}`, probability })).sort(
    (a, b) => b.probability - a.probability,
  );

const text = (guesses: readonly ClassGuess[]): string =>
  guesses.map(({ label, probability }) => `${showShare(probability).padStart(7)}  ${label}`).join('\n');

/** `renga classify IMAGE…`: what pictures show. */
export const classify = (program: Command): void => {
  const command = program
    .command('classify')
    .argument('<images...>', 'PNG or JPEG files; for digits, light ink on dark paper')
    .description('say what pictures show')
    .option('--preset <name>', presetNames.join(', '), 'imagenet-conv');
  runOptions(modelOptions(command))
    .option('--top <n>', 'how many classes', '5')
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
      const model = await loadModel(options.preset, options, presetNames);
      const pictures = await Promise.all(images.map((path) => runOrFail(showInputError, readPicture(path))));
      const isDigits = options.preset === 'digits';
      const guess = async (weights: Weights, picture: Picture): Promise<ClassGuess[]> => {
        const task = model.run(weights, isDigits ? greyOf(picture) : picture);
        const found = await runOrFail<InputError, Digit | readonly ClassGuess[]>(showInputError, task);
        return ('probabilities' in found ? digitGuesses(found) : [...found]).slice(0, top);
      };
      const results: { image: string; classes: ClassGuess[] }[] = [];
      await withWeights(model, options, (weights) =>
        computing(weights, async (compute) => {
          for (const [i, picture] of pictures.entries())
            results.push({ image: images[i], classes: await guess({ ...weights, compute }, picture) });
        }),
      );
      print(options.json, results, () =>
        results
          .map(({ image, classes }) => `${images.length > 1 ? `${image}\n` : ''}${text(classes)}`)
          .join('\n\n'),
      );
    });
};
