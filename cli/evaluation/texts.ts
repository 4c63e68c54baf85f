/**
 * Language models on text, in bits for each byte or piece of a word: a file, or a folder of `.txt` files. Masked models are
 * asked for whole words that are masked, Perceiver AR for every byte from those before it.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../../lib/data/array.js';
import { type InputError, showInputError } from '../../lib/data/inputError.js';
import { textOf } from '../../lib/files/text.js';
import type { Layer } from '../../lib/language/scope.js';
import { foldIn, key } from '../../lib/random/index.js';
import { stackExamples } from '../../lib/train/data.js';
import { intoPieces, type MaskedPiece, textPieces } from '../../presets/language/recipe/training.js';
import type { SentencePieceTokenizer } from '../../presets/language/run/sentencePiece.js';
import { type EventScores, scoresOf, shifted } from '../../presets/perceiverAr/recipe/loss.js';
import { type TextBlock, textBlocks } from '../../presets/perceiverAr/recipe/texts.js';
import { Failure, orFail } from '../failure.js';
import { expectThere } from '../paths.js';
import type { ModelNamed } from '../load.js';
import { type EvaluatedFigure, type Evaluation, type Named, type Row, sumOf } from './evaluation.js';

interface TextFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const filesOf = (place: string): readonly TextFile[] => {
  expectThere(place, 'a text or a folder of .txt files');
  if (statSync(place).isFile()) return [{ name: place, bytes: readFileSync(place) }];
  const names = readdirSync(place)
    .filter((name) => /^[^.].*\.txt$/i.test(name))
    .sort();
  if (names.length === 0) throw new Failure(`${place}: found no .txt file, expected one or more`);
  return names.map((name) => ({ name, bytes: readFileSync(join(place, name)) }));
};

/** The negative logarithm of an event's probability, in nats, and whether it is the likeliest. */
const scoreOf = (
  logits: Float32Array,
  event: number,
): { readonly nats: number; readonly isRight: boolean } => {
  const max = logits.reduce((most, value) => Math.max(most, value), -Infinity);
  const sum = logits.reduce((total, value) => total + Math.exp(value - max), 0);
  return { nats: Math.log(sum) + max - logits[event], isRight: logits[event] === max };
};

const score = (logits: HostArray, asked: readonly (readonly [row: number, event: number])[]): Row => {
  const width = logits.shape[logits.shape.length - 1];
  let [nats, right] = [0, 0];
  for (const [row, event] of asked) {
    const found = scoreOf((logits.data as Float32Array).subarray(row * width, (row + 1) * width), event);
    nats += found.nats;
    right += Number(found.isRight);
  }
  return { nats, tokens: asked.length, right };
};

const figuresOf =
  (what: string) =>
  (rows: readonly Row[]): readonly EvaluatedFigure[] => [
    {
      what: `bits for each ${what}`,
      value: sumOf(rows, 'nats') / Math.LN2 / sumOf(rows, 'tokens'),
      unit: 'bits',
    },
    {
      what: `${what}s that are the likeliest`,
      value: (100 * sumOf(rows, 'right')) / sumOf(rows, 'tokens'),
      unit: '%',
    },
  ];

interface Piece extends Named {
  readonly read: () => MaskedPiece;
}

/** The bytes of a piece of a word, ▁ being a space. */
const bytesOf = (piece: string): number => new TextEncoder().encode(piece.replaceAll('▁', ' ')).length;

/**
 * Bits for each masked token, of whole words, 15 % of them; a piece of text is masked the same way in each run. Tokens are
 * bytes, or pieces of words by a tokenizer: then there are bits for each byte of masked pieces as well.
 */
export const maskedEvaluation = (
  model: ModelNamed<'language' | 'words' | 'language-sentencepiece'>,
  place: string,
  tokenizer?: SentencePieceTokenizer,
): Evaluation<Piece> => {
  const { maxLength, vocabSize } = model.config;
  if (tokenizer && tokenizer.vocabSize > vocabSize)
    throw new Failure(
      `the tokenizer has ${tokenizer.vocabSize} pieces, expected at most ${vocabSize}, the model's`,
    );
  const how = { moves: false, ...(tokenizer && { cutting: intoPieces(tokenizer) }) };
  const examples = filesOf(place).flatMap(({ name, bytes }) => {
    const { length, at } = textPieces(orFail(showInputError)(textOf(name, bytes)), maxLength, how);
    return Array.from({ length }, (_, index) => ({
      name: `${name}, piece ${index}`,
      read: () => at(index, foldIn(key(0), index)),
    }));
  });
  if (examples.length === 0) throw new Failure(`${place}: found no word, expected text with words to mask`);
  const called = tokenizer ? 'masked piece' : 'masked byte';
  const bitsPerByte = (rows: readonly Row[]): EvaluatedFigure => ({
    what: 'bits for each masked byte',
    value: sumOf(rows, 'nats') / Math.LN2 / sumOf(rows, 'bytes'),
    unit: 'bits',
  });
  return {
    dataset: 'text, whole words masked',
    called: 'pieces',
    examples,
    judge: async (runner, batch) => {
      const pieces = batch.map(({ read }) => read());
      const { ids, mask } = stackExamples(pieces);
      const logits = await runner.run(model.network, [ids, mask]);
      return pieces.map(({ isMasked, targets }, b) => {
        const asked = Array.from(targets.data, Number).flatMap((token, i) =>
          Number(isMasked.data[i]) === 1 ? [[b * maxLength + i, token] as const] : [],
        );
        const bytes = asked.reduce((sum, [, token]) => sum + bytesOf(tokenizer?.piece(token) ?? ''), 0);
        return E.right<InputError, Row>({ ...score(logits, asked), ...(tokenizer && { bytes }) });
      });
    },
    figures: (rows) => [...figuresOf(called)(rows), ...(tokenizer ? [bitsPerByte(rows)] : [])],
  };
};

interface Block extends Named {
  readonly read: () => TextBlock;
}

/** Bits for each byte, every byte judged once: as many at a time as there are latents, with all before that fits. */
export const generatedEvaluation = (model: ModelNamed<'perceiver-ar'>, place: string): Evaluation<Block> => {
  const { config, network } = model;
  const { numLatents } = config;
  const blocksOf = (bytes: Uint8Array) =>
    orFail(({ message }: Error) => message)(E.tryCatch(() => textBlocks(config, bytes), E.toError));
  const examples = filesOf(place).flatMap(({ name, bytes }) => {
    const { length, at } = blocksOf(bytes);
    return Array.from({ length }, (_, i) => ({
      name: `${name}, bytes ${i * numLatents} to ${Math.min((i + 1) * numLatents, bytes.length) - 1}`,
      read: () => at(i),
    }));
  });
  const scores: Layer<[events: tf.Tensor, positions: tf.Tensor], EventScores> = (s, events, positions) => {
    const inputs = shifted({ events, positions });
    return scoresOf(network(s, inputs.events, inputs.positions), inputs, config, numLatents);
  };
  return {
    dataset: 'text',
    called: 'blocks',
    examples,
    judge: async (runner, batch) => {
      const blocks = stackExamples(batch.map(({ read }) => read()));
      const { losses, isRight } = await runner.run(scores, [blocks.events, blocks.positions]);
      const sumIn = ({ data }: HostArray, b: number): number => {
        const from = b * numLatents;
        return Array.from({ length: numLatents }, (_, i) =>
          blocks.isJudged.data[from + i] === 1 ? Number(data[from + i]) : 0,
        ).reduce((sum, each) => sum + each, 0);
      };
      return batch.map((_, b) =>
        E.right<InputError, Row>({
          nats: sumIn(losses, b),
          tokens: sumIn(blocks.isJudged, b),
          right: sumIn(isRight, b),
        }),
      );
    },
    figures: figuresOf('byte'),
  };
};
