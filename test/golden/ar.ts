/**
 * The folder `ar`: Perceiver AR by DeepMind's arguments, its attention by itself, cached decoding, sampling, the loss and
 * training.
 */
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { showConfigProblem } from '../../lib/data/config.js';
import { arAttention } from '../../modules/arAttention.js';
import { arDense } from '../../modules/arDense.js';
import { arSelfAttention } from '../../modules/arSelfAttention.js';
import {
  fromConstructor,
  type PerceiverArConfig,
  perceiverArConfig,
} from '../../presets/perceiverAr/network/config.js';
import { perceiverAr, type PerceiverArOutputs } from '../../presets/perceiverAr/network.js';
import {
  checkCached,
  checkLosses,
  checkSampling,
  checkSamplingLoop,
  type DecodingEntry,
} from './arDecoding.js';
import { checkExperiment, type ExperimentEntry } from './arExperiment.js';
import { type Case, goldenOf, type IndexEntry, readArrays } from './case.js';
import type { Check } from './compare.js';
import { checkProgram, type Inputs, type Outputs, type Program } from './program.js';

/** An entry with what only this folder has. */
interface ArEntry extends DecodingEntry, ExperimentEntry {
  readonly init_call?: Readonly<Record<string, unknown>>;
}

type Config = Readonly<Record<string, unknown>>;

/** The config of a constructor's arguments. */
const configOf = (config: Config): PerceiverArConfig => {
  const read = fromConstructor(config);
  if (E.isLeft(read)) throw new Error(read.left.map(showConfigProblem).join('; '));
  return perceiverArConfig.make(read.right as never);
};

/** Arguments under our names. */
const renamed = (config: Config, names: Config): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(config).flatMap(([name, value]) =>
      Object.hasOwn(names, name) ? [[names[name], value === 'sq_relu' ? 'squaredRelu' : value]] : [],
    ),
  );

const parts = {
  dropout_prob: 'dropoutRate',
  num_heads: 'numHeads',
  qk_channels: 'qkChannels',
  output_channels: 'outputChannels',
  with_final_bias: 'withFinalBias',
  init_scale: 'initScale',
  final_init_scale_multiplier: 'finalInitScale',
  position_encoding_type: 'position',
  fraction_to_rotate: 'fractionToRotate',
  max_wavelength: 'maxWavelength',
  use_chunked_attention: 'chunked',
  query_chunk_size: 'queryChunkSize',
  key_chunk_size: 'keyChunkSize',
  dropout_attn_prob: 'attentionDropoutRate',
  widening_factor: 'wideningFactor',
  activation_name: 'activation',
};

const namedOutputs = ({ logits, lastSteps, masks }: PerceiverArOutputs): Inputs => ({
  input_events_logits: logits,
  latent_last_steps: lastSteps,
  ...(masks.encoder && { encoder_mask: masks.encoder }),
  ...(masks.processor && { processor_mask: masks.processor }),
});

const layerOf = ({ source, config, call = {} }: ArEntry): Program['layer'] => {
  const options = renamed({ ...config, ...call }, parts);
  switch (source) {
    case 'perceiver_ar_model.PerceiverAR': {
      const model = perceiverAr(configOf(config));
      const numLatents = call.z_index_dim as number | undefined;
      return (s, { inputs, input_idxs: positions }) =>
        namedOutputs(model(s, inputs, positions, { numLatents }));
    }
    case 'perceiver_ar_model.Attention': {
      const layer = arAttention(options);
      return (s, { q, kv, mask, q_positions: queryPositions, kv_positions: keyPositions }): Outputs =>
        layer(s, q, kv, { mask, queryPositions, keyPositions }).output;
    }
    case 'perceiver_ar_model.SelfAttention': {
      const layer = arSelfAttention(options);
      return (s, { q, mask, q_positions: positions }): Outputs =>
        layer(s, q, { mask, queryPositions: positions, keyPositions: positions }).output;
    }
    case 'perceiver_ar_model.Dense':
      return (s, { q }): tf.Tensor => arDense(options)(s, q);
    default:
      throw new Error(`no program is known for ${source}`);
  }
};

const checkNetwork = (folder: string, entry: ArEntry): Promise<Check[]> => {
  const golden = goldenOf(readArrays(join(folder, `${entry.case}.npz`)));
  return checkProgram(
    {
      layer: layerOf(entry),
      initLayer: layerOf({ ...entry, call: entry.init_call }),
      isTraining: entry.call?.is_training === true,
      isInitTraining: entry.init_call?.is_training === true,
    },
    golden,
    entry.tolerance,
  );
};

/** The check of a case, by what its entry has. */
const checkOf = (folder: string, entry: ArEntry): Case['run'] | undefined => {
  if (entry.init_call) return () => checkNetwork(folder, entry);
  if (entry.steps) return () => checkCached(folder, entry, configOf(entry.config));
  if (entry.start_step !== undefined) return () => checkSamplingLoop(folder, entry, configOf(entry.config));
  if (entry.combos) return () => checkSampling(folder, entry);
  if (entry.training) return () => checkExperiment(folder, entry, configOf(entry.config));
  if (entry.variants) return () => checkLosses(folder, entry);
  return undefined;
};

const notRun: Readonly<Record<string, string>> = {
  'chunked-ragged-keys': 'chunks of keys that do not divide them are refused',
};

/** Every case of the folder. */
export const arCases = (folder: string, index: readonly IndexEntry[]): readonly Case[] =>
  index.map((entry) => {
    const run = checkOf(folder, entry as ArEntry);
    const reason = run ? notRun[entry.case] : `no program is known for ${entry.source}`;
    return { name: entry.case, notRun: reason, run: run ?? (() => []) };
  });
