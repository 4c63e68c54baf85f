/** `renga generate`: texts continued. */
import type { Command } from 'commander';
import { showInputError } from '../../lib/data/inputError.js';
import { printable } from '../../lib/data/printable.js';
import { presetNames } from '../../presets/registry.js';
import { onEach } from '../each.js';
import { runOrFail, UsageError } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { namedTexts, nameOfText } from '../inputs.js';
import { loadModel, markOf } from '../load.js';
import { examples, modelOptions, wholeNumber } from '../options.js';
import { eraseProgress } from '../progress.js';

const models = presetNames('generate');

interface GenerateOptions extends RunOptions {
  readonly preset: string;
  readonly length?: string;
  readonly temperature: string;
  readonly topP?: string;
  readonly topK?: string;
  readonly drawSeed: string;
  readonly json?: boolean;
}

/** A number from a flag; undefined where the flag was not given. */
const numberOf = (flag: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new UsageError(`${flag} is '${text}', expected a number`);
  return value;
};

const countOf = (flag: string, text: string | undefined): number | undefined =>
  text === undefined ? undefined : wholeNumber(flag, text, 1);

/** Writes a text to the standard output piece by piece, its beginning before the first piece. */
const stream = (beginning: string) => {
  let isBegun = false;
  return {
    onText: (piece: string): void => {
      eraseProgress();
      process.stdout.write(printable(isBegun ? piece : beginning + piece));
      isBegun = true;
    },
    /** The text that was not written yet: all of it where nothing continues it. */
    rest: () => (isBegun ? '' : beginning),
  };
};

/** Adds `renga generate TEXT…`. */
export const generate = (program: Command): void => {
  const command = program
    .command('generate')
    .argument(
      '<texts...>',
      'beginnings of texts, which may be empty; - takes each line of the standard input',
    )
    .description('continue texts, byte by byte')
    .option('--preset <name>', models.join(', '), 'perceiver-ar')
    .option('--length <n>', 'write this number of bytes; default: as many as fit')
    .option('--temperature <t>', 'divide logits by this; 0 takes the likeliest byte', '1')
    .option('--top-p <p>', 'choose among the likeliest bytes that make up this share of the probability')
    .option('--top-k <k>', 'choose among this number of likeliest bytes')
    .option('--draw-seed <n>', 'the seed of what is drawn for each text', '0');
  runOptions(modelOptions(command))
    .option('--json', 'print JSON, a line for each text')
    .addHelpText(
      'after',
      examples(
        'generate "once upon a" --checkpoint perceiver-ar.npz --temperature 0.8 --top-p 0.9',
        'generate "once upon a" --seed 42 --length 8',
        'generate - --checkpoint perceiver-ar.npz --json < beginnings.txt',
      ),
    )
    .action(async (given: string[], options: GenerateOptions) => {
      const { json } = options;
      const how = {
        length: countOf('--length', options.length),
        temperature: numberOf('--temperature', options.temperature),
        topP: numberOf('--top-p', options.topP),
        topK: countOf('--top-k', options.topK),
        seed: wholeNumber('--draw-seed', options.drawSeed),
      };
      const model = await loadModel(options.preset, options, models);
      const texts = (await namedTexts(given)).map((text) => ({ text, name: nameOfText(text) }));
      // Each call has a layer and sizes of its own, which is nothing to compile.
      const engine = options.engine ?? 'wasm';
      await withRunner(model, { ...options, engine }, (runner) =>
        onEach(texts, { json, label: 'writing' }, async ({ text }) => {
          const { onText, rest } = stream(text);
          const beginning = { text, ...how, ...(!json && { onText }) };
          const written = await runOrFail(showInputError, model.run(runner.weights, beginning, { runner }));
          return { json: { ...written, ...markOf(options) }, text: rest() };
        }),
      );
    });
};
