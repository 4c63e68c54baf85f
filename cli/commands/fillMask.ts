/** `renga fill-mask`: missing bytes of texts. */
import type { Command } from 'commander';
import { showShare } from '../../lib/data/quantities.js';
import { showInputError } from '../../lib/data/inputError.js';
import type { FilledText } from '../../presets/language/run.js';
import { presetNames } from '../../presets/registry.js';
import { onEach } from '../each.js';
import { runOrFail } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { standardInput } from '../inputs.js';
import { loadModel, markOf } from '../load.js';
import { examples, modelOptions, wholeNumber } from '../options.js';
import { readStandardInput } from '../../lib/files/bytes.js';

const languageModels = presetNames('fill-mask');

interface FillMaskOptions extends RunOptions {
  readonly preset: string;
  readonly blank: string;
  readonly top: string;
  readonly json?: boolean;
}

/** The given texts, and the lines of the standard input in the place of `-`. */
const textsOf = async (given: readonly string[]): Promise<readonly string[]> => {
  if (!given.includes(standardInput)) return given;
  const bytes = await runOrFail(showInputError, readStandardInput('the standard input'));
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  const texts = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  return given.flatMap((text) => (text === standardInput ? texts : [text]));
};

/** The beginning of a text, as errors name it. */
const called = (text: string): string => `'${text.length > 40 ? `${text.slice(0, 39)}…` : text}'`;

/** A byte as people read it: a letter of ASCII, or a number in hexadecimal digits. */
const showByte = (byte: number): string =>
  byte > 32 && byte < 127 ? String.fromCharCode(byte) : `0x${byte.toString(16).padStart(2, '0')}`;

/** The proposals for each blank, with their probabilities. */
const proposals = ({ spans }: FilledText): readonly { position: number; guesses: string }[] =>
  spans.flatMap(({ start, likeliest }) =>
    likeliest.map((bytes, i) => ({
      position: start + i,
      guesses: bytes.map(({ byte, probability }) => `${showByte(byte)} ${showShare(probability)}`).join(', '),
    })),
  );

const oneLine = (filled: FilledText): string =>
  `${filled.text}  (${proposals(filled)
    .map(({ guesses }) => guesses)
    .join('; ')})`;

const lines = (filled: FilledText): string =>
  [filled.text, ...proposals(filled).map(({ position, guesses }) => `  byte ${position}: ${guesses}`)].join(
    '\n',
  );

/** Adds `renga fill-mask TEXT…`. */
export const fillMask = (program: Command): void => {
  const command = program
    .command('fill-mask')
    .argument('<texts...>', 'texts with a _ for each missing byte; - takes each line of the standard input')
    .description('fill in missing bytes of texts, with the likeliest bytes for each')
    .option('--preset <name>', languageModels.join(', '), 'words');
  runOptions(modelOptions(command))
    .option('--blank <character>', 'read this character as a missing byte', '_')
    .option('--top <n>', 'show this number of bytes for each blank', '3')
    .option('--json', 'print JSON, a line for each text')
    .addHelpText(
      'after',
      examples(
        'fill-mask "a sm_ll plant"',
        'fill-mask "an incomplete sen_____" --preset language --checkpoint published',
        'fill-mask - --json < texts.txt',
      ),
    )
    .action(async (given: string[], options: FillMaskOptions) => {
      const { blank, json } = options;
      const top = wholeNumber('--top', options.top, 1);
      const model = await loadModel(options.preset, options, languageModels);
      const texts = (await textsOf(given)).map((text) => ({ text, name: called(text) }));
      await withRunner(model, options, (runner) =>
        onEach(texts, { json, label: 'filling in' }, async ({ text }, isOnly) => {
          const filled = await runOrFail(
            showInputError,
            model.run(runner.weights, { text, blank, top }, { runner }),
          );
          return {
            json: { text: filled.text, spans: filled.spans, ...markOf(options) },
            text: isOnly ? lines(filled) : oneLine(filled),
          };
        }),
      );
    });
};
