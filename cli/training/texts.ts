/** Preparing a training on a text: its end is held out. */
import * as E from 'fp-ts/lib/Either.js';
import { showInputError } from '../../lib/data/inputError.js';
import { counted, grouped } from '../../lib/data/quantities.js';
import { readText } from '../../lib/files/text.js';
import type { AnyModel } from '../../presets/preset.js';
import { maskedTraining, textPieces } from '../../presets/language/recipe/training.js';
import { perceiverArRecipe } from '../../presets/perceiverAr/recipe.js';
import { copyTraining } from '../../presets/perceiverAr/recipe/copying.js';
import { textTraining } from '../../presets/perceiverAr/recipe/texts.js';
import { recipes } from '../../presets/recipes.js';
import { Failure, orFail, runOrFail, UsageError } from '../failure.js';
import { configChanges, loadModel } from '../load.js';
import { digestOf } from './digest.js';
import { recipeOf, seedOf, type TrainingOptions, type Wanted } from './options.js';
import { heldOutShare } from './ownFiles.js';
import { configFile, fitted, type How, type Prepared } from './prepared.js';

type Changed = Prepared & { readonly changes: readonly string[] };

export const languageModels = ['words', 'language'] as const;

/** The two parts of a text. */
interface Parts {
  readonly text: string;
  /** The end of the text, from the beginning of a line if there is one. */
  readonly heldOut: string;
  /** The part of the data that a resumed run must share. */
  readonly data: Prepared['data'];
}

const partsOf = async (data: string, options: TrainingOptions): Promise<Parts> => {
  const whole = await runOrFail(showInputError, readText(data));
  const percent = heldOutShare(options);
  const end = Math.floor(whole.length * (1 - percent / 100));
  const cut = whole.lastIndexOf('\n', end) + 1 || end;
  const [text, heldOut] = [whole.slice(0, cut), whole.slice(cut)];
  if (whole.trim() === '' || whole.length < 2)
    throw new Failure(
      `${data}: found ${counted(whole.length, 'character')}, expected a text to train on and to hold out`,
    );
  for (const [part, of] of [
    [text, 'the part to train on'],
    [heldOut, 'the end, which is held out'],
  ])
    if (part.trim() === '')
      throw new Failure(
        `${data}: found ${counted(part.length, 'character')} of white space in ${of}, expected words: change the text, or the share of --held-out, ${percent} %`,
      );
  return { text, heldOut, data: { text: digestOf([whole]), heldOut: percent } };
};

const lengthsOf = ({ text, heldOut }: Parts): string =>
  `${grouped(Buffer.byteLength(text))} bytes to train on, ${grouped(Buffer.byteLength(heldOut))} held out`;

/**
 * A recipe whose batch a text has pieces for.
 * @throws Failure for a text without a piece, and for a batch that was asked for, of more pieces than there are
 */
const fittedToText = (wanted: Wanted, { text }: Parts, length: number, data: string, blank = 0) => {
  const bytes = Buffer.byteLength(text);
  const pieces = Math.floor(bytes / length) - blank;
  const fit = fitted(wanted, pieces, counted(pieces, 'piece'));
  const { batchSize } = fit.recipe;
  if (pieces >= batchSize) return fit;
  const answer = pieces > 0 ? `a longer text, or a --batch of at most ${pieces}` : 'a longer text';
  throw new Failure(
    `${data}: found ${counted(bytes, 'byte')} to train on${blank > 0 ? `, with ${counted(blank, 'piece')} of white space alone` : ''}, expected at least ${grouped(batchSize * length)}, ${counted(batchSize, 'piece')} of ${length} for a batch: give ${answer}`,
  );
};

/** A masked language model on a text. */
export const languageModel = async (
  name: (typeof languageModels)[number],
  options: TrainingOptions,
  { weights, tuning }: How,
): Promise<Changed> => {
  const wanted = await recipeOf(recipes[name].training, options);
  const model = await loadModel(name, options, languageModels);
  if (options.data === undefined) throw new UsageError(`${name} needs --data: a text file in UTF-8`);
  const parts = await partsOf(options.data, options);
  const { about: _none, ...first } = await weights(model as unknown as AnyModel);
  const { maxLength } = model.config;
  const [blank, heldBlank] = [parts.text, parts.heldOut].map(
    (part) => textPieces(part, maxLength, { moves: false }).numBlank,
  );
  const { recipe, changes } = fittedToText(wanted, parts, maxLength, options.data, blank);
  const seed = seedOf(options);
  const { text, heldOut, data } = parts;
  const run = maskedTraining({ model, recipe, text, heldOut, seed, ...first, tuning });
  const files = configFile(await configChanges(name, options));
  const about = [
    lengthsOf(parts),
    ...(blank + heldBlank > 0
      ? [
          `pieces of white space alone, which are left out: ${grouped(blank)} to train on, ${grouped(heldBlank)} held out`,
        ]
      : []),
  ];
  return { run, recipe, tuning, changes, data, about, files };
};

/** Perceiver AR on a text; without one on the copy task, whose sequences are drawn as they are asked for. */
export const autoregressive = async (
  options: TrainingOptions,
  { weights, tuning }: How,
): Promise<Changed> => {
  const { data } = options;
  const wanted = await recipeOf(perceiverArRecipe, options);
  const model = await loadModel('perceiver-ar', options, ['perceiver-ar']);
  const parts = data === undefined ? undefined : await partsOf(data, options);
  const { recipe, changes } = parts
    ? fittedToText(wanted, parts, model.config.contextLength, data ?? '')
    : wanted;
  const { about: _none, ...first } = await weights(model as unknown as AnyModel);
  const given = { model, recipe, seed: seedOf(options), ...first, tuning };
  const files = configFile(await configChanges('perceiver-ar', options));
  const prepared = { recipe, tuning, changes, data: parts?.data ?? {}, files };
  const orRefuse = orFail(({ message }: Error) => message);
  return parts
    ? {
        ...prepared,
        run: orRefuse(
          E.tryCatch(() => textTraining({ ...given, text: parts.text, heldOut: parts.heldOut }), E.toError),
        ),
        about: [lengthsOf(parts)],
      }
    : {
        ...prepared,
        run: orRefuse(E.tryCatch(() => copyTraining(given), E.toError)),
        about: ['symbols are drawn for each step; 256 sequences are held out'],
      };
};
