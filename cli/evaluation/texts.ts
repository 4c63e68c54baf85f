/**
 * Language models on text, in bits for each byte: a file, or a folder of `.txt` files. Masked models are asked for whole
 * words that are masked, Perceiver AR for every byte from those before it.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { int32, type HostArray } from '../../lib/data/array.js';
import type { InputError } from '../../lib/data/inputError.js';
import { foldIn, key } from '../../lib/random/index.js';
import { stackExamples } from '../../lib/train/data.js';
import { textPieces } from '../../presets/language/recipe/training.js';
import { numReserved, reserved } from '../../presets/perceiverAr/run.js';
import { Failure } from '../failure.js';
import type { ModelNamed } from '../load.js';
import { type EvaluatedFigure, type Evaluation, type Named, type Row, sumOf } from './evaluation.js';

interface TextFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const filesOf = (place: string): readonly TextFile[] => {
  const found = statSync(place, { throwIfNoEntry: false });
  if (!found) throw new Failure(`${place}: no such file, expected a text or a folder of .txt files`);
  if (found.isFile()) return [{ name: place, bytes: readFileSync(place) }];
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
  return { nats, bytes: asked.length, right };
};

const figuresOf =
  (what: string) =>
  (rows: readonly Row[]): readonly EvaluatedFigure[] => [
    {
      what: `bits for each ${what}`,
      value: sumOf(rows, 'nats') / Math.LN2 / sumOf(rows, 'bytes'),
      unit: 'bits',
    },
    {
      what: `${what}s that are the likeliest`,
      value: (100 * sumOf(rows, 'right')) / sumOf(rows, 'bytes'),
      unit: '%',
    },
  ];

interface Piece extends Named {
  readonly text: string;
  readonly index: number;
}

/** Bits for each masked byte, of whole words, 15 % of them; a piece of text is masked the same way in each run. */
export const maskedEvaluation = (
  model: ModelNamed<'language' | 'words'>,
  place: string,
): Evaluation<Piece> => {
  const { maxLength } = model.config;
  const examples = filesOf(place).flatMap(({ name, bytes }) => {
    const text = new TextDecoder().decode(bytes);
    const { length } = textPieces(text, maxLength, { moves: false });
    return Array.from({ length }, (_, index) => ({ name: `${name}, piece ${index}`, text, index }));
  });
  return {
    dataset: 'text, whole words masked',
    called: 'pieces',
    examples,
    judge: async (runner, batch) => {
      const pieces = await Promise.all(
        batch.map(({ text, index }) =>
          textPieces(text, maxLength, { moves: false }).at(index, foldIn(key(0), index)),
        ),
      );
      const { ids, mask } = stackExamples(pieces);
      const logits = await runner.run(model.network, [ids, mask]);
      return pieces.map(({ isMasked, targets }, b) =>
        E.right<InputError, Row>(
          score(
            logits,
            Array.from(targets.data, Number).flatMap((event, i) =>
              Number(isMasked.data[i]) === 1 ? [[b * maxLength + i, event] as const] : [],
            ),
          ),
        ),
      );
    },
    figures: figuresOf('masked byte'),
  };
};

/** A part of a text that is judged, and as much of the text before it as fits. */
interface Block extends Named {
  /** Events from the start or later on, those to be judged among them. */
  readonly events: readonly number[];
  /** Number of events at the end that are judged. */
  readonly count: number;
}

/** Bits for each byte, every byte judged once: as many at a time as there are latents, with all before that fits. */
export const generatedEvaluation = (model: ModelNamed<'perceiver-ar'>, place: string): Evaluation<Block> => {
  const { contextLength, numLatents, positionSizes: [table] = [contextLength] } = model.config;
  const examples = filesOf(place).flatMap(({ name, bytes }) => {
    const events = [reserved.start, ...Array.from(bytes, (byte) => byte + numReserved)];
    return Array.from({ length: Math.ceil(bytes.length / numLatents) }, (_, i) => {
      const end = Math.min((i + 1) * numLatents, bytes.length);
      const count = end - i * numLatents;
      return {
        name: `${name}, bytes ${i * numLatents} to ${end - 1}`,
        events: events.slice(Math.max(0, end - contextLength), end + 1),
        count,
      };
    });
  });
  return {
    dataset: 'text',
    called: 'blocks',
    examples,
    judge: async (runner, batch) => {
      const [events, positions] = [0, 1].map(() => new Int32Array(batch.length * contextLength));
      batch.forEach((block, b) =>
        block.events.slice(0, -1).forEach((event, i) => {
          events[b * contextLength + i] = event;
          positions[b * contextLength + i] = Math.min(i + 1, table - 1);
        }),
      );
      const logits = await runner.run(model.network, [
        int32([batch.length, contextLength], events),
        int32([batch.length, contextLength, 1], positions),
      ]);
      const rows = logits.shape[1];
      return batch.map((block, b) =>
        E.right<InputError, Row>(
          score(
            logits,
            block.events
              .slice(-block.count)
              .map((event, i) => [(b + 1) * rows - block.count + i, event] as const),
          ),
        ),
      );
    },
    figures: figuresOf('byte'),
  };
};
