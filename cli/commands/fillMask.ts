/** `renga fill-mask`: missing bytes of texts. */
import type { Command } from 'commander';
import { showShare } from '../../lib/data/quantities.js';
import { type InputError, showInputError } from '../../lib/data/inputError.js';
import type { ByteGuess, FilledText } from '../../presets/language/run.js';
import type { PieceGuess } from '../../presets/language/run/pieces.js';
import type { SentencePieceTokenizer } from '../../presets/language/run/sentencePiece.js';
import { presetNames } from '../../presets/registry.js';
import { onEach } from '../each.js';
import { runOrFail } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { namedTexts, nameOfText } from '../inputs.js';
import { loadModel, markOf } from '../load.js';
import { examples, modelOptions, wholeNumber } from '../options.js';
import { tokenizerOf, type TokenizerOptions } from '../tokenizer.js';

const languageModels = [...presetNames('fill-mask'), ...presetNames('fill-pieces')] as const;

interface FillMaskOptions extends RunOptions, TokenizerOptions {
  readonly preset: string;
  readonly blank: string;
  readonly top: string;
  readonly json?: boolean;
}

/** A byte as people read it: a letter of ASCII, or a number in hexadecimal digits. */
const showByte = (byte: number): string =>
  byte > 32 && byte < 127 ? String.fromCharCode(byte) : `0x${byte.toString(16).padStart(2, '0')}`;

type Filled = FilledText<ByteGuess | PieceGuess>;

const showGuess = (guess: ByteGuess | PieceGuess): string =>
  `${'byte' in guess ? showByte(guess.byte) : guess.piece} ${showShare(guess.probability)}`;

/** The proposals for each blank, with their probabilities. */
const proposals = ({ spans }: Filled): readonly { position: number; guesses: string }[] =>
  spans.flatMap(({ start, likeliest }) =>
    likeliest.map((guesses, i) => ({
      position: start + i,
      guesses: guesses.map(showGuess).join(', '),
    })),
  );

const oneLine = (filled: Filled): string =>
  `${filled.text}  (${proposals(filled)
    .map(({ guesses }) => guesses)
    .join('; ')})`;

const lines = (filled: Filled, token: string): string =>
  [
    filled.text,
    ...proposals(filled).map(({ position, guesses }) => `  ${token} ${position}: ${guesses}`),
  ].join('\n');

/** Adds `renga fill-mask TEXT…`. */
export const fillMask = (program: Command): void => {
  const command = program
    .command('fill-mask')
    .argument('<texts...>', 'texts with a _ for each missing byte; - takes each line of the standard input')
    .description('fill in missing bytes of texts, with the likeliest bytes for each')
    .option('--preset <name>', languageModels.join(', '), 'words');
  runOptions(modelOptions(command))
    .option('--blank <character>', 'read this character as a missing byte', '_')
    .option('--tokenizer <file>', 'cut texts by this SentencePiece model; for language-sentencepiece')
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
      const isPieces = model.task === 'fill-pieces';
      const tokenizer = isPieces ? await tokenizerOf(options.preset, options) : undefined;
      const texts = (await namedTexts(given)).map((text) => ({ text, name: nameOfText(text) }));
      await withRunner(model, options, (runner) =>
        onEach(texts, { json, label: 'filling in' }, async ({ text }, isOnly) => {
          const input = { text, blank, top, tokenizer: tokenizer as SentencePieceTokenizer };
          const filled: Filled = await runOrFail<InputError, Filled>(
            showInputError,
            model.run(runner.weights, input, { runner }),
          );
          return {
            json: { text: filled.text, spans: filled.spans, ...markOf(options) },
            text: isOnly ? lines(filled, isPieces ? 'piece' : 'byte') : oneLine(filled),
          };
        }),
      );
    });
};
