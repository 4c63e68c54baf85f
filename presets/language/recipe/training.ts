/**
 * Training of masked language models, `words` among them, on a text: pieces of the model's length, whole words masked
 * anew in each epoch, cross-entropy over the masked bytes.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, int32 } from '../../../lib/data/array.js';
import type { Weights } from '../../../lib/data/leaf.js';
import type { TransformedWithState } from '../../../lib/language/transform.js';
import { foldIn, type Key, randint } from '../../../lib/random/index.js';
import { maskWords, type MaskWordsOptions } from '../../../lib/train/augment/maskWords.js';
import { type Batched, batches, type Examples, inOrder } from '../../../lib/train/data.js';
import { evaluation } from '../../../lib/train/evaluation.js';
import { maskedLanguageLoss, softmaxCrossEntropyWithIntegerLabels } from '../../../lib/train/losses.js';
import { mean } from '../../../lib/train/metrics.js';
import { type RecipeRun, recipeRun, type RecipeTraining } from '../../../lib/train/recipeRun.js';
import type { Loss } from '../../../lib/train/trainStep.js';
import { bytesTokenizer, specialTokens } from '../../../modules/bytesTokenizer.js';
import type { Tokenizer } from '../../../modules/tokenizer.js';
import type { SentencePieceTokenizer } from '../run/sentencePiece.js';

/** A masked piece of a text: ids, [T] 1 = a token is there, the ids before, [T] 1 = masked. */
export interface MaskedPiece {
  readonly ids: HostArray;
  readonly mask: HostArray;
  readonly targets: HostArray;
  readonly isMasked: HostArray;
}

/** The tokens of a text, and the words that they make. */
export interface Cutting
  extends Pick<Tokenizer, 'encode' | 'pad' | 'mask'>, Pick<MaskWordsOptions, 'isSeparator' | 'beginsWord'> {}

const whiteSpace = new Set(bytesTokenizer.encode(' \t\n\r\v\f'));
const numSpecial = Object.keys(specialTokens).length;

/** A text as bytes; between words are ASCII's white space and special tokens. */
const intoBytes: Cutting = {
  ...bytesTokenizer,
  isSeparator: (id) => id < numSpecial || whiteSpace.has(id),
};

/** A text as pieces of SentencePiece; a word begins with ▁. */
export const intoPieces = (tokenizer: SentencePieceTokenizer): Cutting => ({
  ...tokenizer,
  isSeparator: (id) => tokenizer.piece(id) === undefined,
  beginsWord: (id) => tokenizer.piece(id)?.startsWith('▁') ?? false,
});

/** The beginnings of pieces of a text, and the number of pieces that have no word, which are left out. */
interface Beginnings {
  readonly starts: readonly number[];
  readonly numBlank: number;
}

/** One piece after the other; where none of them has a word, the piece that begins with the first word after them. */
const beginnings = (
  length: number,
  maxLength: number,
  hasWord: (start: number) => boolean,
  last: number,
): Beginnings => {
  const numPieces = Math.max(1, Math.floor(length / maxLength));
  const all = Array.from({ length: numPieces }, (_, i) => i * maxLength);
  const starts = all.filter(hasWord);
  const isAtEnd = starts.length === 0 && hasWord(last);
  return { starts: isAtEnd ? [last] : starts, numBlank: all.length - starts.length };
};

/** The pieces of a text. */
export interface TextPieces extends Examples<MaskedPiece> {
  readonly at: (index: number, own: Key) => MaskedPiece;
  /** Pieces that were left out, because they have no word. */
  readonly numBlank: number;
}

/**
 * Pieces of a text, each of the model's length; a shorter text is one padded piece. Every piece has a word: others are
 * left out, and a piece that has none where it was moved stays in its place. A text without a word has no piece.
 * @param options.moves  moves the beginning of each piece at random, by less than its length, so that no epoch cuts the
 *   text in the same places; false for evaluation
 * @param options.cutting  the tokens and the words; bytes if not given
 */
export const textPieces = (
  text: string,
  maxLength: number,
  { moves, cutting = intoBytes }: { readonly moves: boolean; readonly cutting?: Cutting },
): TextPieces => {
  const { pad, mask: maskId, isSeparator, beginsWord } = cutting;
  const ids = cutting.encode(text);
  const last = Math.max(0, ids.length - maxLength);
  const hasWord = (start: number): boolean => {
    for (let i = start; i < Math.min(start + maxLength, ids.length); i++)
      if (!isSeparator(ids[i])) return true;
    return false;
  };
  const { starts, numBlank } = beginnings(ids.length, maxLength, hasWord, last);
  const at = (index: number, own: Key): MaskedPiece => {
    const offset = moves ? randint(foldIn(own, 0), [], 0, maxLength).data[0] : 0;
    const moved = Math.min(starts[index] + offset, last);
    const start = hasWord(moved) ? moved : starts[index];
    const piece = new Int32Array(maxLength).fill(pad);
    piece.set(ids.slice(start, start + maxLength));
    const masked = maskWords(piece, foldIn(own, 1), { isSeparator, beginsWord, maskId });
    const isThere = Array.from(piece, (_, i) => Number(start + i < ids.length));
    return {
      ...masked,
      mask: float32([maxLength], isThere),
      targets: int32([maxLength], piece),
    };
  };
  return { length: starts.length, numBlank, at };
};

/** A masked language model of any size. */
export interface TrainableLanguageModel {
  readonly config: { readonly maxLength: number };
  readonly init: (key: Key) => Required<Weights<HostArray>>;
  readonly apply: TransformedWithState<[ids: tf.Tensor, mask: tf.Tensor], tf.Tensor3D>['apply'];
}

export interface MaskedTraining extends RecipeTraining<TrainableLanguageModel> {
  readonly text: string;
  /** A text that no weights are trained on. */
  readonly heldOut: string;
}

/** @throws RangeError for a text without a word, of which nothing can be masked */
const expectWords = (what: string, pieces: TextPieces): TextPieces => {
  if (pieces.length > 0) return pieces;
  throw new RangeError(`maskedTraining: ${what} has no word, expected at least one`);
};

/**
 * The parts of a training on a text that the loop takes; the figure of an evaluation is the loss on held-out text.
 * @throws RangeError for a text without a word
 */
export const maskedTraining = ({
  model,
  recipe,
  text,
  heldOut,
  seed,
  weights,
  tuning,
}: MaskedTraining): RecipeRun<Batched<MaskedPiece>> => {
  const { maxLength } = model.config;
  const loss: Loss<Batched<MaskedPiece>> = ({ params, state }, batch, options) => {
    const { output } = model.apply(params, state, options, batch.ids, batch.mask);
    return maskedLanguageLoss(output, batch.targets, batch.isMasked);
  };
  const held = expectWords('heldOut', textPieces(heldOut, maxLength, { moves: false }));
  const pieces = expectWords('text', textPieces(text, maxLength, { moves: true }));
  const evaluate = evaluation({
    data: inOrder(held, recipe.batchSize),
    run: ({ params, state }, { ids, mask, targets }, options) => {
      const { output } = model.apply(params, state, options, ids, mask);
      return softmaxCrossEntropyWithIntegerLabels(output, targets);
    },
    figures: (losses, { isMasked, exampleWeights }) => {
      const weightOf = (i: number): number =>
        Number(isMasked.data[i]) * Number(exampleWeights.data[Math.floor(i / maxLength)]);
      const flat = float32([losses.data.length], losses.data as Float32Array);
      const shares = float32(
        [flat.data.length],
        Float32Array.from(flat.data, (_, i) => weightOf(i)),
      );
      return { loss: mean(flat, { weights: shares }) };
    },
  });
  return recipeRun({
    model,
    recipe,
    loss,
    data: batches(pieces, { batchSize: recipe.batchSize }),
    weights,
    tuning,
    seed,
    evaluate,
    best: { figure: 'loss', isLower: true },
  });
};
