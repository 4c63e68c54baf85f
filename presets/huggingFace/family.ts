/**
 * A family: the class of Hugging Face that is the same model as a preset, as two tables. One maps fields of the preset's
 * config to keys of a `config.json`, the other maps names of arrays.
 */
import { isRecord } from '../../lib/data/nest.js';
import * as E from 'fp-ts/lib/Either.js';
import type { NameMapping } from '../../lib/checkpoint/index.js';

/** The contents of a `config.json`. */
export type HuggingFaceConfig = Readonly<Record<string, unknown>>;

/** The key of a field whose values differ from the key's. */
export interface Translated {
  readonly key: string;
  /** The field's value; on the left, what was expected. */
  readonly read: (value: unknown, config: HuggingFaceConfig) => E.Either<string, unknown>;
  /** The key's value for a field's value; undefined if Hugging Face has none. */
  readonly write: (value: never, config: never) => unknown;
}

export interface Family<A extends string = string> {
  /** The class's name, as in a config's `architectures`. */
  readonly architecture: A;
  /** By path in the preset's config: `encoder.numLatents`. */
  readonly fields: Readonly<Record<string, string | Translated>>;
  /** Options that the class fixes, since it has no key for them; a part of the preset's config. */
  readonly fixed: object;
  /** Names of arrays: Haiku's on the left, Hugging Face's on the right. */
  readonly names: NameMapping;
}

/** A key whose values map one to one to the field's. */
const oneToOne = (key: string, values: Readonly<Record<string, string>>): Translated => ({
  key,
  read: (value) =>
    typeof value === 'string' && Object.hasOwn(values, value)
      ? E.right(values[value])
      : E.left(Object.keys(values).join(' or ')),
  write: (value) => Object.keys(values).find((name) => values[name] === value),
});

/**
 * The form of GELU. Hugging Face's own Perceivers have `gelu`, the exact one, though their weights were trained with the
 * tanh form; a config with `gelu_pytorch_tanh` gives DeepMind's outputs there.
 */
export const activation: Translated = {
  key: 'hidden_act',
  read: (value) => {
    if (value === 'gelu') return E.right('geluExact');
    return ['gelu_pytorch_tanh', 'gelu_new'].includes(value as string)
      ? E.right('geluTanh')
      : E.left("'gelu', 'gelu_pytorch_tanh' or 'gelu_new'");
  },
  write: (value) => (value === 'geluExact' ? 'gelu' : 'gelu_pytorch_tanh'),
};

/** The number of labels, or `num_labels` for labels without names. */
export const classes: Translated = {
  key: 'id2label',
  read: (labels, { num_labels: count }) => {
    if (labels === undefined || labels === null) return E.right(count ?? 2);
    return isRecord(labels) ? E.right(Object.keys(labels).length) : E.left('an object of labels by number');
  },
  write: (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [i, `LABEL_${i}`])),
};

/** The encoder's fields, the same for all. */
export const encoderFields: Family['fields'] = {
  'encoder.numLatents': 'num_latents',
  'encoder.numLatentChannels': 'd_latents',
  'encoder.numBlocks': 'num_blocks',
  'encoder.numSelfAttendsPerBlock': 'num_self_attends_per_block',
  'encoder.numSelfAttendHeads': 'num_self_attention_heads',
  'encoder.numCrossAttendHeads': 'num_cross_attention_heads',
  'encoder.qkChannels': 'qk_channels',
  'encoder.vChannels': 'v_channels',
  'encoder.crossAttendWidthFrom': 'cross_attention_shape_for_attention',
  'encoder.selfAttendWideningFactor': 'self_attention_widening_factor',
  'encoder.crossAttendWideningFactor': 'cross_attention_widening_factor',
  'encoder.useQueryResidual': 'use_query_residual',
  'encoder.activation': activation,
};

/**
 * For decoders whose queries are not as wide as latents: the key holds for their cross-attention too, and the presets
 * have no such option there.
 */
export const widthFromInputs: Family['fields'] = {
  'encoder.crossAttendWidthFrom': oneToOne('cross_attention_shape_for_attention', { kv: 'kv' }),
};

/** Options of a decoder that Hugging Face's classes have by default. */
export const plainDecoder = {
  numHeads: 1,
  qkChannels: null,
  vChannels: null,
  concatPreprocessedInput: false,
  finalProject: true,
};
