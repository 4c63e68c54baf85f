/** The tokenizer of a `.model` file of SentencePiece that a command is given. */
import { showInputError } from '../lib/data/inputError.js';
import { readBytes } from '../lib/files/bytes.js';
import { sentencePiece, type SentencePieceTokenizer } from '../presets/language/run/sentencePiece.js';
import { runOrFail, UsageError } from './failure.js';

export interface TokenizerOptions {
  readonly tokenizer?: string;
}

/**
 * Reads the tokenizer.
 * @param preset  the preset that needs it
 * @throws UsageError where no file is given; Failure for a file that is no model of SentencePiece
 */
export const tokenizerOf = async (
  preset: string,
  { tokenizer }: TokenizerOptions,
): Promise<SentencePieceTokenizer> => {
  if (tokenizer === undefined)
    throw new UsageError(
      `${preset} needs --tokenizer: the .model file of SentencePiece that its weights go with`,
    );
  const model = await runOrFail(showInputError, readBytes(tokenizer));
  return runOrFail(showInputError, sentencePiece(model, { where: tokenizer }));
};
