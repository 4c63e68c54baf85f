/**
 * A text to its class, or to the class of each of its bytes.
 */
import * as E from 'fp-ts/lib/Either.js';
import { toFloat32 } from '../../lib/data/array.js';
import { inputError } from '../../lib/data/inputError.js';
import { bytesTokenizer } from '../../modules/bytesTokenizer.js';
import { type ClassGuess, topClasses } from '../classes.js';
import { pad } from '../language/run.js';
import type { ModelOf, Run } from '../preset.js';
import type { TextClassifierConfig, TextClassifierNetwork } from './network.js';

/** The classes of a text: one list for the whole text, or one for each byte; the likeliest first. */
export type TextClasses = readonly (readonly ClassGuess[])[];

/** A text to be classified. */
export interface TextToClassify {
  readonly text: string;
}

type TextClassifier = ModelOf<TextClassifierConfig, TextClassifierNetwork, TextToClassify, TextClasses>;

/** A text of at least one byte to its classes. */
export const classifyText =
  ({ config, network }: TextClassifier): Run<TextToClassify, TextClasses> =>
  (runner, { text }) =>
  async () => {
    const { maxLength, numClasses, answers } = config;
    if (typeof text !== 'string') return inputError('the text', String(text), 'a text');
    const ids = bytesTokenizer.encode(text);
    if (ids.length === 0) return inputError('the text', 'no bytes', 'one or more');
    if (ids.length > maxLength) return inputError('the text', `${ids.length} bytes`, `at most ${maxLength}`);
    const logits = toFloat32(await runner.run(network, pad([...ids], maxLength)));
    const count = answers === 'text' ? 1 : ids.length;
    const rows = Array.from({ length: count }, (_, i) =>
      logits.subarray(i * numClasses, (i + 1) * numClasses),
    );
    return E.right(rows.map((row) => topClasses(row, [], numClasses)));
  };
