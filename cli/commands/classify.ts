/** `renga classify`: the likeliest classes of pictures, or of texts. */
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
import { classNames } from '../classNames.js';
import { type EachResult, onEach } from '../each.js';
import { runOrFail } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { type Input, namedInputs, namedTexts, nameOfText, pictureFiles } from '../inputs.js';
import { loadModel, markOf, type ModelNamed } from '../load.js';
import { parsePicture } from '../../lib/media/readPicture.js';
import { examples, modelOptions, wholeNumber } from '../options.js';

interface ClassifyOptions extends RunOptions {
  readonly preset: string;
  readonly classes?: string;
  readonly top?: string;
  readonly json?: boolean;
}

const [ofPictures, ofTexts] = [presetNames('classify'), presetNames('classify-text')];

type Guesses = readonly ClassGuess[];

const digitGuesses = ({ probabilities }: Digit): ClassGuess[] =>
  Array.from(probabilities, (probability, index) => ({ index, label: `${index}`, probability })).sort(
    (a, b) => b.probability - a.probability,
  );

/** The classes of an only input, a line for each. */
const lines = (guesses: Guesses): string =>
  guesses.map(({ label, probability }) => `${showShare(probability).padStart(7)}  ${label}`).join('\n');

/** The classes of one of several inputs. */
const oneLine = (guesses: Guesses): string =>
  guesses.map(({ label, probability }) => `${showShare(probability)} ${label}`).join('; ');

/** The likeliest classes of bytes, a span for neighbours of the same one: `0-3 noun; 4-8 verb`. */
const spans = (rows: readonly Guesses[]): readonly string[] => {
  const starts = rows.flatMap(([{ index }], i) => (i === 0 || rows[i - 1][0].index !== index ? [i] : []));
  return starts.map((start, n) => `${start}-${(starts[n + 1] ?? rows.length) - 1} ${rows[start][0].label}`);
};

/** Classes as a command shows them: named, and as many as are asked for. */
type Chosen = (guesses: Guesses, isOnly: boolean) => Guesses;

const pictureWork =
  (model: ModelNamed<(typeof ofPictures)[number]>, runner: Runner, chosen: Chosen) =>
  async ({ name, bytes }: Input, isOnly: boolean): Promise<EachResult> => {
    const { weights } = runner;
    const guess = async (picture: Picture): Promise<Guesses> =>
      model.name === 'digits'
        ? digitGuesses(await runOrFail(showInputError, model.run(weights, greyOf(picture), { runner })))
        : runOrFail(showInputError, model.run(weights, picture, { runner }));
    const picture = await runOrFail(
      showInputError,
      pipe(
        bytes,
        TE.chain((read) => parsePicture(name, read)),
      ),
    );
    const classes = chosen(await guess(picture), isOnly);
    return { json: { image: name, classes }, text: isOnly ? lines(classes) : `${name}  ${oneLine(classes)}` };
  };

const textWork =
  (model: ModelNamed<(typeof ofTexts)[number]>, runner: Runner, chosen: Chosen) =>
  async (text: string, isOnly: boolean): Promise<EachResult> => {
    const rows = (await runOrFail(showInputError, model.run(runner.weights, { text }, { runner }))).map(
      (guesses) => chosen(guesses, isOnly),
    );
    if (model.config.answers === 'tokens')
      return {
        json: { text, bytes: rows },
        text: isOnly ? spans(rows).join('\n') : `${text}  ${spans(rows).join('; ')}`,
      };
    const [classes] = rows;
    return { json: { text, classes }, text: isOnly ? lines(classes) : `${text}  ${oneLine(classes)}` };
  };

/** Adds `renga classify INPUT…`. */
export const classify = (program: Command): void => {
  const command = program
    .command('classify')
    .argument(
      '<inputs...>',
      `pictures, folders, patterns such as 'a/**/*.jpg', - for the standard input; for text-classifier texts, - for its lines`,
    )
    .description('name the likeliest classes of pictures or texts; digits takes light ink on dark paper')
    .option('--preset <name>', [...ofPictures, ...ofTexts].join(', '), 'imagenet-conv');
  runOptions(modelOptions(command))
    .option(
      '--classes <file>',
      'call the classes by the names in this file, a list in JSON; default: those of the run that wrote the checkpoint',
    )
    .option('--top <n>', 'show this number of classes; default: 5, or 1 of each of several inputs')
    .option('--json', 'print JSON, a line for each input')
    .addHelpText(
      'after',
      examples(
        'classify dog.jpg --checkpoint published',
        'classify photographs/ --checkpoint published --json',
        'classify seven.png --preset digits',
        'classify cat.jpg --checkpoint runs/imagenet-conv-finetuned/weights.safetensors',
        'classify - --preset text-classifier --checkpoint reviews.safetensors --json < reviews.txt',
      ),
    )
    .action(async (given: string[], options: ClassifyOptions) => {
      const { json } = options;
      const top = options.top === undefined ? undefined : wholeNumber('--top', options.top, 1);
      const model = await loadModel(options.preset, options, [...ofPictures, ...ofTexts]);
      const names = await classNames(options, model.config.numClasses);
      const chosen: Chosen = (guesses, isOnly) =>
        guesses
          .slice(0, top ?? (isOnly || json ? 5 : 1))
          .map((guess) => (names ? { ...guess, label: names[guess.index] } : guess));
      const marked = (result: EachResult): EachResult => ({
        ...result,
        json: { ...result.json, ...markOf(options) },
      });
      await withRunner(model, options, async (runner) => {
        const how = { json, label: 'classifying' };
        if (model.task === 'classify-text') {
          const work = textWork(model, runner, chosen);
          const texts = (await namedTexts(given)).map((text) => ({ text, name: nameOfText(text) }));
          return onEach(texts, how, async ({ text }, isOnly) => marked(await work(text, isOnly)));
        }
        const work = pictureWork(model, runner, chosen);
        return onEach(await namedInputs(given, pictureFiles), how, async (...input) =>
          marked(await work(...input)),
        );
      });
    });
};
