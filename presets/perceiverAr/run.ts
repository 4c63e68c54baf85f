/**
 * A text to the text continued, byte by byte.
 */
import * as E from 'fp-ts/lib/Either.js';
import { int32 } from '../../lib/data/array.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';
import { key } from '../../lib/random/index.js';
import type { ModelOf, Run } from '../preset.js';
import type { PerceiverArNetwork } from './network.js';
import type { PerceiverArConfig } from './network/config.js';
import { emptyMemory, memoryDecoder, writeEvent, type Written } from './run/decoding.js';
import type { SamplingOptions } from './run/sampling.js';

/** A text to be continued. */
export interface Beginning extends SamplingOptions {
  readonly text: string;
  /** Number of bytes to write; as many as fit if not given. */
  readonly length?: number | undefined;
  /** The seed of what is drawn; 0 if not given. */
  readonly seed?: number | undefined;
  /** Called with each piece of text, as soon as its bytes make a character. */
  readonly onText?: ((piece: string) => void) | undefined;
}

export interface Continued {
  /** The text with its continuation. */
  readonly text: string;
  readonly continuation: string;
  /** The bytes that were written, without an end. */
  readonly bytes: readonly number[];
  /** True if the model ended the text. */
  readonly isEnded: boolean;
}

/** Events that are no bytes. Source: perceiver-ar dataset.py, reserved tokens. */
export const reserved = { pad: 0, end: 1, start: 2 } as const;

export const numReserved = Object.keys(reserved).length;

type Model = ModelOf<PerceiverArConfig, PerceiverArNetwork, Beginning, Continued>;

const isShare = (value: number | undefined): boolean => value === undefined || (value >= 0 && value <= 1);

const isCount = (value: number | undefined): boolean =>
  value === undefined || (Number.isSafeInteger(value) && value >= 1);

/** The number of bytes to write. */
const checked = (
  { length, temperature = 1, topP, topK, seed = 0 }: Beginning,
  known: number,
  config: PerceiverArConfig,
): E.Either<InputError, number> => {
  const { contextLength, positionSizes = [contextLength], numClasses } = config;
  if (numClasses !== numReserved + 256 || positionSizes.length !== 1 || !config.positionsFromData)
    return inputError(
      'the model',
      'a config of other data',
      'one of bytes with one axis of positions from data',
    );
  const room =
    Math.min(contextLength, config.position === 'absolute' ? positionSizes[0] - 1 : contextLength) - known;
  if (room < 1)
    return inputError('the text', `${known} bytes`, `at most ${room + known - 1}, with room for more`);
  if (!isCount(length) || (length ?? 0) > room)
    return inputError('length', String(length), `a whole number from 1 to ${room}, the room that is left`);
  if (!(temperature >= 0 && Number.isFinite(temperature)))
    return inputError('temperature', String(temperature), 'a number from 0');
  if (!isShare(topP)) return inputError('topP', String(topP), 'a number from 0 to 1');
  if (!isCount(topK)) return inputError('topK', String(topK), 'a whole number from 1');
  if (!Number.isSafeInteger(seed)) return inputError('seed', String(seed), 'a whole number');
  return E.right(length ?? room);
};

/**
 * A text to the text continued: the beginning's bytes after a start, then one byte after another, until the model ends
 * the text or there are as many as were asked for.
 * Source: perceiver-ar sample_utils.py; inference.ipynb.
 */
export const continueText =
  ({ config }: Model): Run<Beginning, Continued> =>
  (runner, beginning) =>
  async () => {
    const { text } = beginning;
    if (typeof text !== 'string') return inputError('the text', String(text), 'a string');
    const given = new TextEncoder().encode(text);
    const room = checked(beginning, given.length, config);
    if (E.isLeft(room)) return room;
    const size = config.contextLength + 1;
    const begun = [reserved.start, ...Array.from(given, (byte) => byte + numReserved)];
    const positions = int32(
      [1, size, 1],
      Array.from({ length: size }, (_, i) => i + 1), // 0 is the position of padding
    );
    const memory = { inputs: config.contextLength, latents: config.numLatents - (config.numLatents % 2) };
    const decoder = memoryDecoder(runner, config, positions, memory);
    let written: Written = {
      events: int32([1, size], [...begun, ...Array<number>(size - begun.length).fill(reserved.pad)]),
      key: key(beginning.seed ?? 0),
      memory: emptyMemory(config, 1, memory),
    };
    const bytes: number[] = [];
    const decoding = new TextDecoder();
    let continuation = '';
    const say = (piece: string): void => {
      continuation += piece;
      if (piece !== '') beginning.onText?.(piece);
    };
    let isEnded = false;
    while (bytes.length < room.right) {
      const place = begun.length + bytes.length;
      written = await writeEvent(decoder, written, place, beginning);
      const event = written.events.data[place] as number;
      isEnded = event < numReserved;
      if (isEnded) break;
      bytes.push(event - numReserved);
      say(decoding.decode(Uint8Array.of(event - numReserved), { stream: true }));
    }
    say(decoding.decode());
    return E.right({ text: text + continuation, continuation, bytes, isEnded });
  };
