/** The config of Perceiver AR, and its reading from the arguments of DeepMind's constructor. */
import * as E from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import {
  config,
  type ConfigOf,
  type ConfigProblem,
  count,
  countTo,
  depth,
  flag,
  type FullOf,
  natural,
  oneOf,
  optional,
  positive,
  probability,
  required,
  sizes,
  withDefault,
} from '../../../lib/data/config.js';
import { isRecord } from '../../../lib/data/nest.js';
import { arAttendingFields } from '../../../modules/arAttention.js';
import { arCrossAttentionConfig } from '../../../modules/arCrossAttention.js';
import { arActivationCodec } from '../../../modules/arDense.js';

const source = 'perceiver_ar_model.py `PerceiverAR`';

const { widthFrom, useQueryResidual } = arCrossAttentionConfig.fields;

const perceiverArFields = {
  numClasses: required(count, {
    doc: 'Number of events: for text as bytes 256 after 3 special ones.',
    source,
  }),
  contextLength: required(countTo(2 ** 20), {
    doc: 'Largest number of inputs.',
    source: `${source}, max_context_length`,
  }),
  numLatents: withDefault(count, 1024, {
    doc: 'Number of latents, which stand for the last inputs.',
    source: `${source}, z_index_dim`,
  }),
  embedChannels: withDefault(count, 1024, {
    doc: 'Width of embedded inputs.',
    source: `${source}, input_embed_dim`,
  }),
  latentChannels: withDefault(count, 1024, {
    doc: 'Width of the latents.',
    source: `${source}, num_z_channels`,
  }),
  numLayers: withDefault(depth, 12, {
    doc: 'Number of layers in which latents attend to each other.',
    source: `${source}, num_transformers_per_block`,
  }),
  numCrossAttendHeads: withDefault(count, 1, {
    doc: 'Number of heads where latents attend to inputs.',
    source,
  }),
  numSelfAttendHeads: withDefault(count, 8, {
    doc: 'Number of heads where latents attend to each other.',
    source: `${source}, num_transformer_heads`,
  }),
  crossAttendWideningFactor: withDefault(count, 1, {
    doc: 'Widening of the dense block after cross-attention.',
    source,
  }),
  selfAttendWideningFactor: withDefault(count, 1, { doc: "Widening of the layers' dense blocks.", source }),
  ...arAttendingFields,
  positionTable: withDefault(oneOf('sinusoidal', 'linear', 'random', 'fourier'), 'sinusoidal', {
    doc: 'First values of the tables of absolute positions.',
    source: `${source}, position_encoding`,
  }),
  learnPositions: withDefault(flag, false, {
    doc: 'True to train the tables of absolute positions. They are parameters either way.',
    source: `${source}, learnable_position_embeddings`,
  }),
  positionSizes: optional(sizes, {
    doc: 'Number of positions of each table, one table for each axis of positions; one of contextLength if not given.',
    source: `${source}, input_idx_size`,
  }),
  positionsFromData: withDefault(flag, false, {
    doc: 'True for positions that are given with the inputs; false for positions that are counted from the end of the sequence.',
    source: `${source}, use_positions_from_data`,
  }),
  negativePositions: withDefault(flag, false, {
    doc: 'True for rotary positions below zero, where they are counted from the end.',
    source: `${source}, use_negative_rotary_positions`,
  }),
  offsetQueries: withDefault(flag, false, {
    doc: 'True for latents with the rotary positions of the events that they predict.',
    source: `${source}, initial_query_offsetting`,
  }),
  query: withDefault(oneOf('inputs', 'mlp', 'learned'), 'inputs', {
    doc: 'First latents: the last inputs, projected; these through an MLP; or trained vectors.',
    source: `${source}, initial_query_embed_style`,
  }),
  queryLayers: withDefault(depth, 2, { doc: "Number of layers of the queries' MLP.", source }),
  queryActivation: withDefault(arActivationCodec, 'squaredRelu', {
    doc: "Activation of the queries' MLP.",
    source,
  }),
  shareLearnedQuery: withDefault(flag, false, {
    doc: 'True for one trained vector that all latents begin as; false for one of each.',
    source,
  }),
  initialCrossAttend: withDefault(flag, true, {
    doc: 'True for latents that attend to the inputs before the first layer.',
    source,
  }),
  crossAttendAfter: withDefault(t.readonlyArray(natural, 'a list of whole numbers from 0'), [], {
    doc: 'Layers, counted from 0, after which latents attend to the inputs again.',
    source: `${source}, additional_cross_attend_after_layers`,
  }),
  widthFrom,
  useQueryResidual,
  activation: withDefault(arActivationCodec, 'squaredRelu', {
    doc: 'Activation of the dense blocks.',
    source,
  }),
  dropoutRate: withDefault(probability, 0, { doc: 'Dropout after each block, in training.', source }),
  latentDropoutRate: withDefault(probability, 0, {
    doc: 'Rate at which latents are hidden from the others, in training.',
    source,
  }),
  encoderDropoutRate: withDefault(probability, 0, {
    doc: 'Rate at which inputs are hidden, in training.',
    source,
  }),
  trainInputs: withDefault(natural, 0, {
    doc: 'Number of inputs, chosen at random, that latents see in training; 0 for all.',
    source: `${source}, train_input_positions`,
  }),
  latentsPerPosition: withDefault(count, 1, {
    doc: 'Latents that stand for one input; their outputs are averaged. With absolute positions alone.',
    source: `${source}, num_latents_per_position`,
  }),
  latentInitScale: withDefault(positive, 0.02, {
    doc: 'Standard deviation of the vectors that tell such latents apart.',
    source: `${source}, z_pos_enc_init_scale`,
  }),
  zeroLogits: withDefault(flag, true, {
    doc: 'True for a last layer that begins as zeros.',
    source: `${source}, final_layer_init_zeros`,
  }),
};

/** The problem of a config that the original refuses too. */
const impossible = (config: FullOf<typeof perceiverArFields>): ConfigProblem | undefined => {
  const { latentChannels, numSelfAttendHeads, latentsPerPosition, numLatents, contextLength, numLayers } =
    config;
  const isRotary = config.position === 'rotary';
  const wavelength = config.maxWavelength + (config.offsetQueries ? 1 : 0);
  const unless = (isRight: boolean, path: keyof typeof config, expected: string) =>
    isRight ? [] : [{ path, found: config[path], expected }];
  return [
    ...unless(
      latentChannels % numSelfAttendHeads === 0,
      'latentChannels',
      `a multiple of numSelfAttendHeads, ${numSelfAttendHeads}`,
    ),
    ...unless(
      numLatents % latentsPerPosition === 0,
      'numLatents',
      `a multiple of latentsPerPosition, ${latentsPerPosition}`,
    ),
    ...unless(!isRotary || latentsPerPosition === 1, 'latentsPerPosition', '1 with rotary positions'),
    ...unless(isRotary || !config.offsetQueries, 'offsetQueries', 'false with absolute positions'),
    ...unless(
      !isRotary || wavelength >= contextLength,
      'maxWavelength',
      `at least contextLength, ${contextLength}, or one less with offsetQueries`,
    ),
    ...unless(config.trainInputs < contextLength, 'trainInputs', `less than contextLength, ${contextLength}`),
    ...unless(
      config.crossAttendAfter.every((layer) => layer < numLayers),
      'crossAttendAfter',
      `layers below numLayers, ${numLayers}`,
    ),
  ][0];
};

export const perceiverArConfig = config(
  'perceiverAr',
  'A causal model of a sequence of events.',
  perceiverArFields,
  impossible,
);
export type PerceiverArConfig = ConfigOf<typeof perceiverArConfig>;

const words: Readonly<Record<string, string>> = { sq_relu: 'squaredRelu', swish: 'silu', none: 'inputs' };
const word = (value: unknown): unknown => words[value as string] ?? value;

/** -1 stands for the length of the context, which is the default here. */
const sizesOf = (value: unknown): unknown =>
  Array.isArray(value) && value.length === 1 && value[0] === -1 ? undefined : value;

type Read = readonly [field: string, read?: (value: unknown) => unknown];

/** The field of each argument; none for those that change nothing. */
const fieldsOf: Readonly<Record<string, Read | undefined>> = {
  num_classes: ['numClasses'],
  input_idx_size: ['positionSizes', sizesOf],
  max_context_length: ['contextLength'],
  position_encoding_type: ['position'],
  input_embed_dim: ['embedChannels'],
  position_encoding: ['positionTable'],
  learnable_position_embeddings: ['learnPositions'],
  num_transformers_per_block: ['numLayers'],
  z_index_dim: ['numLatents'],
  num_z_channels: ['latentChannels'],
  num_cross_attend_heads: ['numCrossAttendHeads'],
  num_transformer_heads: ['numSelfAttendHeads'],
  cross_attend_widening_factor: ['crossAttendWideningFactor'],
  transformer_widening_factor: ['selfAttendWideningFactor'],
  initial_query_offsetting: ['offsetQueries'],
  initial_query_embed_style: ['query', word],
  share_learned_initial_query: ['shareLearnedQuery'],
  initial_query_embed_activation_name: ['queryActivation', word],
  initial_query_embed_num_layers: ['queryLayers'],
  include_initial_cross_attention: ['initialCrossAttend'],
  additional_cross_attend_after_layers: ['crossAttendAfter'],
  dropout_prob: ['dropoutRate'],
  z_pos_enc_init_scale: ['latentInitScale'],
  concat_pos: undefined, // never read
  cross_attention_shape_for_attn: ['widthFrom'],
  encoder_use_query_residual: ['useQueryResidual'],
  mask_style: undefined, // one style is known
  latent_dropout_prob: ['latentDropoutRate'],
  encoder_dropout_prob: ['encoderDropoutRate'],
  num_latents_per_position: ['latentsPerPosition'],
  activation_name: ['activation', word],
  fraction_to_rotate: ['fractionToRotate'],
  fraction_heads_to_rotate: ['fractionHeadsToRotate'],
  max_wavelength: ['maxWavelength'],
  cross_attention_head_group_size: ['headGroupSize'],
  chunked_cross_attention: ['chunked'],
  chunked_cross_query_size: ['queryChunkSize'],
  chunked_cross_key_size: ['keyChunkSize'],
  use_positions_from_data: ['positionsFromData'],
  train_input_positions: ['trainInputs'],
  final_layer_init_zeros: ['zeroLogits'],
  use_negative_rotary_positions: ['negativePositions'],
};

/** Fields as the original has them where an argument is left out. */
const defaults = (): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(perceiverArConfig.fields).map(([name, field]) => [
      name,
      field.presence === 'default' ? field.default : undefined,
    ]),
  );

/** Absolute positions are the original's only if it is told so; `rotary` is what most of its cases ask for. */
export const fromConstructor = (kwargs: unknown): E.Either<readonly ConfigProblem[], object> => {
  if (!isRecord(kwargs))
    return E.left([{ path: '(the whole)', found: kwargs, expected: 'an object of arguments' }]);
  const problems = Object.keys(kwargs)
    .filter((name) => !Object.hasOwn(fieldsOf, name))
    .map((path) => ({
      path,
      found: kwargs[path],
      expected: `one of the arguments (${Object.keys(fieldsOf).join(', ')})`,
    }));
  if (kwargs.mask_style !== undefined && kwargs.mask_style !== 'final_block')
    problems.push({ path: 'mask_style', found: kwargs.mask_style, expected: "'final_block'" });
  if (problems.length > 0) return E.left(problems);
  const read = Object.entries(kwargs).flatMap(([name, value]) => {
    const [field, change = (x: unknown) => x] = fieldsOf[name] ?? [];
    return field === undefined || value === null ? [] : [[field, change(value)] as const];
  });
  return E.right({ ...defaults(), ...Object.fromEntries(read) });
};
