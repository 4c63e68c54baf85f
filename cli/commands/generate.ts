/** `renga generate`: a text continued. */
import type { Command } from 'commander';
import { showInputError } from '../../lib/data/inputError.js';
import { presetNames } from '../../presets/registry.js';
import { runOrFail, UsageError } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { loadModel, markOf } from '../load.js';
import { examples, modelOptions, wholeNumber } from '../options.js';
import { print } from '../print.js';

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

/** Adds `renga generate TEXT`. */
export const generate = (program: Command): void => {
  const command = program
    .command('generate')
    .argument('<text>', 'the beginning of a text; it may be empty')
    .description('continue a text, byte by byte')
    .option('--preset <name>', models.join(', '), 'perceiver-ar')
    .option('--length <n>', 'write this number of bytes; default: as many as fit')
    .option('--temperature <t>', 'divide logits by this; 0 takes the likeliest byte', '1')
    .option('--top-p <p>', 'choose among the likeliest bytes that make up this share of the probability')
    .option('--top-k <k>', 'choose among this number of likeliest bytes')
    .option('--draw-seed <n>', 'the seed of what is drawn', '0');
  runOptions(modelOptions(command))
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        'generate "once upon a" --checkpoint perceiver-ar.npz --temperature 0.8 --top-p 0.9',
        'generate "once upon a" --seed 42 --length 8',
      ),
    )
    .action(async (text: string, options: GenerateOptions) => {
      const beginning = {
        text,
        length: countOf('--length', options.length),
        temperature: numberOf('--temperature', options.temperature),
        topP: numberOf('--top-p', options.topP),
        topK: countOf('--top-k', options.topK),
        seed: wholeNumber('--draw-seed', options.drawSeed),
      };
      const model = await loadModel(options.preset, options, models);
      const isStreamed = options.json !== true;
      // Each call has a layer and sizes of its own, which is nothing to compile.
      const engine = options.engine ?? 'wasm';
      const written = await withRunner(model, { ...options, engine }, (runner) => {
        if (isStreamed) process.stdout.write(text);
        const onText = isStreamed ? (piece: string) => void process.stdout.write(piece) : undefined;
        return runOrFail(showInputError, model.run(runner.weights, { ...beginning, onText }, { runner }));
      });
      if (isStreamed) process.stdout.write('\n');
      else print(true, { ...written, ...markOf(options) }, () => '');
    });
};
