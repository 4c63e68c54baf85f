/** Decoding in the folder `ar`: calls with a memory, sampling loops, logits before a draw, and losses. */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { type HostArray, int32 } from '../../lib/data/array.js';
import { type Params, toHost, toTensor } from '../../lib/data/leaf.js';
import { gradients } from '../../lib/engine/index.js';
import { engineRunner, type Hosts } from '../../lib/run/runner.js';
import type { ArMemory } from '../../modules/arAttention.js';
import type { PerceiverArConfig } from '../../presets/perceiverAr/network/config.js';
import { arLoss } from '../../presets/perceiverAr/network/loss.js';
import { perceiverAr } from '../../presets/perceiverAr/network.js';
import {
  emptyMemory,
  memoryDecoder,
  plainDecoder,
  writeEvent,
  type Written,
} from '../../presets/perceiverAr/run/decoding.js';
import {
  allowedEvents,
  processLogits,
  sampleEvents,
  type SamplingOptions,
} from '../../presets/perceiverAr/run/sampling.js';
import { type Arrays, type IndexEntry, keyOf, readArrays, treeUnder } from './case.js';
import { type Check, compare, compareTrees, failing } from './compare.js';
import { tidied } from './program.js';

type Memories = readonly Hosts<ArMemory>[];

export interface DecodingEntry extends IndexEntry {
  readonly memory?: {
    readonly max_context_length_memory: number;
    readonly z_index_dim_memory: number;
  } | null;
  readonly steps?: readonly (readonly [from: number, to: number, latents: number])[];
  readonly start_step?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  readonly use_memory?: boolean;
  readonly equals_full?: boolean;
  readonly variants?: readonly {
    readonly label_smoothing: number;
    readonly z_loss: number;
    readonly loss_normalizing_factor: number | null;
    readonly weights: boolean;
  }[];
  readonly combos?: readonly { readonly temperature: number; readonly top_p: number }[];
  readonly allowed?: Readonly<Record<string, Readonly<Record<string, readonly (readonly number[])[]>>>>;
}

const at = (arrays: Arrays, name: string): HostArray => {
  const array = arrays.get(name);
  if (!array) throw new Error(`there is no ${name}`);
  return array;
};

/** A memory's arrays under their names in the file. */
const filed = ({ k, v, positions, mask }: Hosts<ArMemory>) => ({
  k,
  v,
  ...(positions && { kv_positions: positions }),
  ...(mask && { memory_mask: mask }),
});

const compareMemory = (arrays: Arrays, name: string, found: Memories, tolerance: number): Check[] =>
  found.flatMap((memory, layer) =>
    compareTrees(
      `memory/${name}/${layer}`,
      { layer: filed(memory) } as never,
      { layer: treeUnder(arrays, `memory/${name}/`)[layer] } as never,
      (array, a, b) => compare(array, a as HostArray, b, tolerance),
    ),
  );

const sizesOf = ({ memory }: DecodingEntry) => ({
  inputs: memory?.max_context_length_memory ?? 0,
  latents: memory?.z_index_dim_memory ?? 0,
});

const columnsOf = ({ shape: [B, N, ...rest], data }: HostArray, from: number, to: number): HostArray =>
  int32(
    [B, to - from, ...rest],
    Array.from({ length: B }, (_, b) => [...(data as Int32Array).subarray(b * N + from, b * N + to)]).flat(),
  );

/** Calls in a row, each with the memory that the one before left. */
export const checkCached = async (
  folder: string,
  entry: DecodingEntry,
  config: PerceiverArConfig,
): Promise<Check[]> => {
  const arrays = readArrays(join(folder, `${entry.case}.npz`));
  const model = perceiverAr(config);
  const [events, positions] = [at(arrays, 'in/inputs'), at(arrays, 'in/input_idxs')];
  await using runner = engineRunner({ params: treeUnder(arrays, 'param/') as Params<HostArray> });
  const kind = entry.call?.memory_type === 'kv' ? ('growing' as const) : ('fixed' as const);
  let before = kind === 'fixed' ? emptyMemory(config, events.shape[0], sizesOf(entry)) : undefined;
  const checks: Check[] = before ? compareMemory(arrays, '0', before, 0) : [];
  for (const [n, [from, to, numLatents]] of (entry.steps ?? []).entries()) {
    const { logits, memory } = await runner.run(
      (s, ids: tf.Tensor, given: tf.Tensor, known: readonly ArMemory[] | undefined) => {
        const done = model(s, ids, given, { numLatents, memory: { kind, before: known } });
        return { logits: done.logits, memory: done.memory };
      },
      [columnsOf(events, from, to), columnsOf(positions, from, to), before],
    );
    const name = `out/${n}/input_events_logits`;
    checks.push(compare(name, logits, at(arrays, name), entry.tolerance));
    if ([...arrays.keys()].some((key) => key.startsWith(`memory/${n + 1}/`)))
      checks.push(...compareMemory(arrays, String(n + 1), memory, entry.tolerance));
    before = memory;
  }
  const full = await runner.run(
    (s, ids: tf.Tensor, given: tf.Tensor) => model(s, ids, given).logits,
    [events, positions],
  );
  const name = 'out/full/input_events_logits';
  return [...checks, compare(name, full, at(arrays, name), entry.tolerance)];
};

/** Steps of a sampling loop: the events and the key after each. */
export const checkSamplingLoop = async (
  folder: string,
  entry: DecodingEntry,
  config: PerceiverArConfig,
): Promise<Check[]> => {
  const arrays = readArrays(join(folder, `${entry.case}.npz`));
  const [events, positions] = [at(arrays, 'in/events'), at(arrays, 'in/event_idxs')];
  const [B, size] = events.shape;
  await using runner = engineRunner({ params: treeUnder(arrays, 'param/') as Params<HostArray> });
  const isRemembering = entry.use_memory === true;
  const decoder = isRemembering
    ? memoryDecoder(runner, config, positions, sizesOf(entry))
    : plainDecoder(runner, config, positions);
  let written: Written = {
    events,
    key: keyOf(at(arrays, 'rng')),
    memory: isRemembering ? emptyMemory(config, B, sizesOf(entry)) : undefined,
  };
  const all: number[] = [];
  const keys: number[] = [];
  for (let place = entry.start_step ?? 1; place < size; place++) {
    written = await writeEvent(decoder, written, place, {
      temperature: entry.temperature,
      topP: entry.top_p,
    });
    all.push(...(written.events.data as Int32Array));
    keys.push(...written.key.words);
  }
  const stored = at(arrays, 'out/events');
  const rng: HostArray = { shape: [keys.length / 2, 2], dtype: 'uint32', data: Uint32Array.from(keys) };
  return [
    compare('out/events', int32([...stored.shape], all), stored, 0),
    compare('out/rng', rng, at(arrays, 'out/rng'), 0),
    ...(written.memory ? compareMemory(arrays, 'last', written.memory, entry.tolerance) : []),
  ];
};

const modalities = {
  image: 'image',
  soundstream_12kbps: 'soundstream12kbps',
  soundstream_22kbps: 'soundstream22kbps',
} as const;

/** Logits before the draw, the events drawn, and the events that data with channels allow. */
export const checkSampling = (folder: string, entry: DecodingEntry): Check[] => {
  const arrays = readArrays(join(folder, `${entry.case}.npz`));
  const [logits, key] = [at(arrays, 'in/logits'), keyOf(at(arrays, 'key'))];
  const checks = (entry.combos ?? []).flatMap(({ temperature, top_p: topP }, i) => {
    const options: SamplingOptions = { temperature, topP };
    const stored = arrays.get(`out/${i}/logits`);
    return [
      ...(stored
        ? [compare(`out/${i}/logits`, processLogits(logits, options), stored, entry.tolerance)]
        : []),
      compare(`out/${i}/tokens`, sampleEvents(key, logits, options), at(arrays, `out/${i}/tokens`), 0),
    ];
  });
  const allowed = Object.entries(entry.allowed ?? {}).flatMap(([modality, places]) =>
    Object.entries(places).map(([place, ranges]) => {
      const found = allowedEvents(modalities[modality as keyof typeof modalities], Number(place));
      const array = `allowed/${modality}/${place}`;
      return JSON.stringify(found) === JSON.stringify(ranges)
        ? { array, error: 0, tolerance: 0 }
        : failing(array, `${JSON.stringify(found)}, expected ${JSON.stringify(ranges)}`);
    }),
  );
  return [...checks, ...allowed];
};

/** The loss of each event, and its gradient. */
export const checkLosses = async (folder: string, entry: DecodingEntry): Promise<Check[]> => {
  const arrays = readArrays(join(folder, `${entry.case}.npz`));
  const input = (name: string): tf.Tensor => toTensor(at(arrays, name));
  return tidied(async () => {
    const checks: Check[] = [];
    for (const [i, variant] of (entry.variants ?? []).entries()) {
      const lossOf = (logits: tf.Tensor) =>
        arLoss(logits, input('in/targets'), {
          weights: variant.weights ? input('in/weights') : undefined,
          labelSmoothing: variant.label_smoothing,
          zLoss: variant.z_loss,
          normalizer: variant.loss_normalizing_factor ?? undefined,
        });
      const { loss, zLoss, weightSum } = lossOf(input('in/logits'));
      const { grads } = gradients(
        ([logits]: readonly tf.Tensor[]) => tf.sum(tf.mul(lossOf(logits).loss, input('cotangent'))),
        [input('in/logits')],
      );
      const held = async (name: string, found: tf.Tensor) =>
        compare(`${name}`, await toHost(found), at(arrays, name), entry.tolerance);
      checks.push(
        await held(`out/${i}/loss`, loss),
        await held(`out/${i}/z_loss`, zLoss),
        await held(`out/${i}/weight_sum`, tf.reshape(weightSum, [])),
        await held(`grad_in/${i}/logits`, grads[0]),
      );
    }
    return checks;
  });
};
