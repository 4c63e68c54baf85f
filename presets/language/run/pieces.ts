/**
 * A text with missing pieces of words to the text filled in, by a SentencePiece tokenizer of the person's own.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type InputError, inputError } from '../../../lib/data/inputError.js';
import type { ModelOf, Run } from '../../preset.js';
import type { LanguageConfig, LanguageNetwork } from '../network.js';
import { type Blanks, checkBlanks, type FilledText, fillWith, pad } from '../run.js';
import type { SentencePieceTokenizer } from './sentencePiece.js';

/** A text with blanks, each for one piece, and the tokenizer that the weights were trained with. */
export interface PieceBlanks extends Blanks {
  readonly tokenizer: SentencePieceTokenizer;
}

/** A piece that a model proposes for a blank. */
export interface PieceGuess {
  /** The piece, with ▁ for a space. */
  readonly piece: string;
  /** In [0, 1]; all tokens together have 1. */
  readonly probability: number;
}

type PieceModel = ModelOf<LanguageConfig, LanguageNetwork, PieceBlanks, FilledText<PieceGuess>>;

/** A text with blanks to the text filled in. Each blank gets its likeliest piece, independently of the others. */
export const fillPieces =
  ({ config, network }: PieceModel): Run<PieceBlanks, FilledText<PieceGuess>> =>
  (runner, blanks) =>
  async (): Promise<E.Either<InputError, FilledText<PieceGuess>>> => {
    const { tokenizer, top = 5 } = blanks;
    const { maxLength, vocabSize } = config;
    if (!tokenizer)
      return inputError('the tokenizer', 'none', 'one that sentencePiece gives for a .model file');
    if (tokenizer.vocabSize > vocabSize)
      return inputError(
        'the tokenizer',
        `${tokenizer.vocabSize} pieces`,
        `at most ${vocabSize}, the model's`,
      );
    const checked = checkBlanks(blanks, config, 'piece', tokenizer);
    if (E.isLeft(checked)) return checked;
    const logits = await runner.run(network, pad(checked.right, maxLength, tokenizer.pad));
    const { mask, decode } = tokenizer;
    const guessOf = (id: number) => {
      const piece = tokenizer.piece(id);
      return piece === undefined ? undefined : { piece };
    };
    const filling = { vocabSize, mask, decode, guessOf };
    return E.right(fillWith<PieceGuess>(filling, checked.right, logits.data as Float32Array, top));
  };
