/**
 * Decoding step by step. Keys and values of earlier steps are remembered, so that a step computes one latent alone. When
 * the memory of the latents is full, the whole sequence is run once with half as many of them: latents that see more than
 * in training would go astray.
 *
 * Shapes: B batch, N inputs, L latents.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type HostArray, int32 } from '../../../lib/data/array.js';
import type { Layer } from '../../../lib/language/scope.js';
import { type Key, split } from '../../../lib/random/index.js';
import type { Hosts, Runner } from '../../../lib/run/index.js';
import type { ArMemory } from '../../../modules/arAttention.js';
import type { PerceiverArConfig } from '../network/config.js';
import { perceiverAr } from '../network.js';
import { sampleEvents, type SamplingOptions } from './sampling.js';

type Remembered = readonly ArMemory[];

/** One step's outputs: logits of the next event [B, numClasses], and the memory after it. */
interface Step {
  readonly logits: tf.Tensor;
  readonly memory: Remembered;
}

type StepLayer = Layer<[events: tf.Tensor, positions: tf.Tensor, memory: Remembered], Step>;

/** A sequence that is being written. */
export interface Written {
  /** [B, N + 1] int32, zeros from the place on that is written next. */
  readonly events: HostArray;
  /** The key of the next step. */
  readonly key: Key;
  readonly memory?: Hosts<Remembered> | undefined;
}

/** Sizes of memories, which may differ from those that the model was trained with. */
export interface MemorySizes {
  /** Number of inputs that are remembered. */
  readonly inputs: number;
  /** Number of latents that are remembered; even. */
  readonly latents: number;
}

const lastOf = (logits: tf.Tensor): tf.Tensor => {
  const [, L, V] = logits.shape as [number, number, number];
  return tf.reshape(tf.slice(logits, [0, L - 1, 0], [-1, 1, V]), [-1, V]);
};

/** True for each layer that attends to inputs, in the order of the layers. */
const seesInputs = ({ initialCrossAttend, numLayers, crossAttendAfter }: PerceiverArConfig): boolean[] => [
  ...(initialCrossAttend ? [true] : []),
  ...Array.from({ length: numLayers }, (_, i) =>
    crossAttendAfter.includes(i) ? [false, true] : [false],
  ).flat(),
];

/**
 * Empty memories of fixed sizes, one for each layer.
 * Source: perceiver-ar sample_utils.py `initialize_memory`.
 */
export const emptyMemory = (
  config: PerceiverArConfig,
  batch: number,
  { inputs, latents }: MemorySizes,
): Hosts<Remembered> =>
  seesInputs(config).map((isCross) => {
    const heads = isCross ? config.numCrossAttendHeads : config.numSelfAttendHeads;
    const isWide = isCross && config.widthFrom === 'kv';
    const width = (isWide ? config.embedChannels : config.latentChannels) / heads;
    const size = isCross ? inputs : latents;
    const zeros = (...shape: number[]): HostArray => ({
      shape,
      dtype: 'float32',
      data: new Float32Array(shape.reduce((product, n) => product * n, 1)),
    });
    const row = zeros(batch, size, heads, width);
    const positions = int32([batch, size], new Int32Array(batch * size));
    return {
      k: row,
      v: row,
      ...(config.position === 'rotary' && { positions }),
      mask: zeros(batch, size),
    };
  });

/** Each memory with `size` places at its end: zeros come in front. */
const paddedTo = (x: tf.Tensor, size: number): tf.Tensor => {
  const before = size - (x.shape[1] as number);
  return tf.pad(x, x.shape.map((_, axis) => (axis === 1 ? [before, 0] : [0, 0])) as [number, number][]);
};

/** The first `count` places of a memory, moved to its end behind zeros. */
const movedBack = (x: tf.Tensor, count: number): tf.Tensor => {
  const sizes = x.shape.map((_, axis) => (axis === 1 ? count : -1));
  return paddedTo(
    tf.slice(
      x,
      x.shape.map(() => 0),
      sizes,
    ),
    x.shape[1] as number,
  );
};

const mapMemory = (memory: ArMemory, change: (x: tf.Tensor) => tf.Tensor): ArMemory =>
  Object.fromEntries(
    Object.entries(memory).map(([name, x]) => [name, change(x as tf.Tensor)]),
  ) as unknown as ArMemory;

/** Computes the next event's logits, and what is remembered. */
export interface Decoder {
  /** The logits after the events before a place; the memory after the call. */
  readonly next: (written: Pick<Written, 'events' | 'memory'>, place: number) => Promise<Hosts<Step>>;
}

/** The columns [from, to) of whole numbers. */
const columns = ({ shape, data }: HostArray, from: number, to: number): HostArray => {
  const [B, N, ...rest] = shape;
  const inner = rest.reduce((product, n) => product * n, 1);
  const out = Array.from({ length: B }, (_, b) => [
    ...(data as Int32Array).subarray((b * N + from) * inner, (b * N + to) * inner),
  ]).flat();
  return int32([B, to - from, ...rest], out);
};

const isFull = (memory: Hosts<Remembered>, latent: number): boolean => {
  const { shape, data } = memory[latent].mask as HostArray;
  return (data as Float32Array).subarray(0, shape[1]).every((there) => there === 1);
};

/**
 * A decoder with a memory.
 * @param positions [B, N + 1, axes] int32
 * @throws RangeError when the memory of latents is odd
 * Source: perceiver-ar sample_utils.py `sample_position`.
 */
export const memoryDecoder = (
  runner: Pick<Runner, 'run'>,
  config: PerceiverArConfig,
  positions: HostArray,
  { latents }: Pick<MemorySizes, 'latents'>,
): Decoder => {
  if (latents % 2 !== 0) throw new RangeError(`memory of ${latents} latents, expected an even number`);
  const half = latents / 2;
  const model = perceiverAr(config);
  const crossing = seesInputs(config);
  const firstLatent = crossing.indexOf(false);
  const one: StepLayer = (s, events, given, before) => {
    const { logits, memory } = model(s, events, given, { numLatents: 1, memory: { kind: 'fixed', before } });
    return { logits: lastOf(logits), memory };
  };
  const refilled =
    (place: number): StepLayer =>
    (s, events, given, memory) => {
      const fresh = memory.map((each, i) =>
        mapMemory(each, (x) => {
          const shape = x.shape.map((n, axis) => (axis === 1 && !crossing[i] ? half : n));
          return tf.zeros(shape, x.dtype);
        }),
      );
      const done = model(s, events, given, { numLatents: half, memory: { kind: 'fixed', before: fresh } });
      const after = done.memory.map((each, i) =>
        mapMemory(each, (x) => (crossing[i] ? movedBack(x, place) : paddedTo(x, latents))),
      );
      return { logits: lastOf(done.logits), memory: after };
    };
  const run = (
    layer: StepLayer,
    { events, memory }: Pick<Written, 'events' | 'memory'>,
    from: number,
    to: number,
  ) =>
    runner.run(layer, [columns(events, from, to), columns(positions, from, to), memory as Hosts<Remembered>]);
  let isFirst = true;
  return {
    next: (written, place) => {
      const begins = isFirst && place > 1;
      isFirst = false;
      if (begins) return run(one, written, 0, place);
      const length = written.events.shape[1];
      return isFull(written.memory as Hosts<Remembered>, firstLatent)
        ? run(refilled(place), written, 0, length - 1)
        : run(one, written, place - 1, place);
    },
  };
};

/** A decoder that remembers nothing: the whole array each time, all latents. */
export const plainDecoder = (
  runner: Pick<Runner, 'run'>,
  config: PerceiverArConfig,
  positions: HostArray,
): Decoder => {
  const model = perceiverAr(config);
  const whole: StepLayer = (s, events, given) => ({
    logits: lastOf(model(s, events, given).logits),
    memory: [],
  });
  return { next: ({ events }) => runner.run(whole, [events, positions, []]) };
};

/** The sequence with an event at a place. */
const withEvents = ({ shape, data }: HostArray, place: number, events: HostArray): HostArray => {
  const copy = Int32Array.from(data as Int32Array);
  for (let b = 0; b < shape[0]; b++) copy[b * shape[1] + place] = events.data[b] as number;
  return int32([...shape], copy);
};

/**
 * Writes the event at a place. The key is split in three: the next step's, the model's, which draws nothing, and the
 * sample's.
 */
export const writeEvent = async (
  decoder: Decoder,
  written: Written,
  place: number,
  sampling: SamplingOptions = {},
): Promise<Written> => {
  const [key, , sampleKey] = split(written.key, 3);
  const { logits, memory } = await decoder.next(written, place);
  const events = withEvents(written.events, place, sampleEvents(sampleKey, logits, sampling));
  return { events, key, memory: memory.length > 0 ? memory : undefined };
};
