/**
 * Sampling of the next event from logits: nucleus, the likeliest few, temperature, and a draw with JAX's bits.
 */
import { float32, type HostArray, int32 } from '../../../lib/data/array.js';
import { categorical, type Key } from '../../../lib/random/index.js';

export interface SamplingOptions {
  /** Divides the logits; 0 takes the likeliest event. 1 if not given. */
  readonly temperature?: number | undefined;
  /** The likeliest events that make up this share of the probability are kept; 0 takes the likeliest. 1 if not given. */
  readonly topP?: number | undefined;
  /** Number of likeliest events that are kept; all if not given. */
  readonly topK?: number | undefined;
}

/** The logit of an event that is left out. */
export const leftOut = -1e30;

const { fround } = Math;

/**
 * The smallest logit of the nucleus: from below, the first place where probabilities add up to 1 − topP or more. Ties
 * with it stay.
 */
const nucleus = (logits: Float32Array, topP: number): number => {
  const sorted = Float32Array.from(logits).sort();
  const max = sorted[sorted.length - 1];
  const weights = sorted.map((value) => Math.exp(fround(value - max)));
  const sum = weights.reduce((before, weight) => fround(before + weight), 0);
  const rest = fround(1 - topP);
  let cumulated = 0;
  const place = weights.findIndex((weight) => {
    cumulated = fround(cumulated + fround(weight / sum));
    return cumulated >= rest;
  });
  return sorted[Math.max(place, 0)];
};

const kthLargest = (logits: Float32Array, k: number): number =>
  Float32Array.from(logits).sort()[Math.max(0, logits.length - k)];

/** The rows of an array's last axis. */
const rowsOf = ({ shape, data }: HostArray): Float32Array[] => {
  const width = shape[shape.length - 1];
  const values = data as Float32Array;
  return Array.from({ length: values.length / width }, (_, i) => values.subarray(i * width, (i + 1) * width));
};

/**
 * Logits with what is left out at -1e30, divided by the temperature: nucleus first, then the likeliest few.
 * @param logits [..., events]
 * @throws RangeError for options out of range
 * Source: perceiver-ar sample_utils.py `process_logits`; top-k is of ours.
 */
export const processLogits = (
  logits: HostArray,
  { temperature = 1, topP = 1, topK }: SamplingOptions = {},
): HostArray<'float32'> => {
  if (!(temperature >= 0)) throw new RangeError(`temperature is ${temperature}, expected a number from 0`);
  if (!(topP >= 0 && topP <= 1)) throw new RangeError(`topP is ${topP}, expected a number from 0 to 1`);
  if (topK !== undefined && !(Number.isSafeInteger(topK) && topK >= 1))
    throw new RangeError(`topK is ${topK}, expected a whole number from 1`);
  const divisor = fround(Math.max(temperature, 1e-12));
  const processed = rowsOf(logits).map((row) => {
    const least = Math.max(
      topP < 1 ? nucleus(row, topP) : -Infinity,
      topK === undefined ? -Infinity : kthLargest(row, topK),
    );
    return row.map((value) => (value >= least ? value : leftOut) / divisor);
  });
  return float32([...logits.shape], Float32Array.from(processed.flatMap((row) => [...row])));
};

const likeliest = (row: Float32Array): number => row.indexOf(Math.max(...row));

/**
 * Draws an event for each row of logits [B, events]; at temperature 0 or topP 0 the likeliest one.
 * @returns int32 [B]
 * Source: perceiver-ar sample_utils.py `sample_position`.
 */
export const sampleEvents = (
  key: Key,
  logits: HostArray,
  options: SamplingOptions = {},
): HostArray<'int32'> => {
  const { temperature = 1, topP = 1 } = options;
  const processed = processLogits(logits, options); // refuses options out of range in either case
  if (temperature > 0 && topP > 0) return categorical(key, processed);
  const rows = rowsOf(logits);
  return int32([rows.length], rows.map(likeliest));
};

/** Kinds of data whose events take turns among channels: bytes of red, green, blue, or the codes of a sound. */
export const channelsOf = {
  image: { channels: 3, events: 256 },
  soundstream12kbps: { channels: 24, events: 1024 },
  soundstream22kbps: { channels: 44, events: 1024 },
} as const;

const special = 3;

/**
 * Events that may stand at a place, as ranges [from, to): the special ones and those of the channel whose turn it is.
 * Source: perceiver-ar sample_utils.py `process_logits`, modality.
 */
export const allowedEvents = (
  data: keyof typeof channelsOf,
  place: number,
): readonly (readonly [from: number, to: number])[] => {
  const { channels, events } = channelsOf[data];
  const start = special + ((place - 1) % channels) * events;
  return start === special
    ? [[0, start + events]]
    : [
        [0, special],
        [start, start + events],
      ];
};
