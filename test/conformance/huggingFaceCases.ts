/**
 * Models of Hugging Face's seven Perceiver classes as small as their code allows, each with inputs; and the published
 * language model at full size.
 */
import { array, float32, type HostArray, int32 } from '../../lib/data/array.js';
import { foldIn, key, normal, randint, uniform } from '../../lib/random/index.js';
import { fromHuggingFace, type HuggingFaceModel } from '../../presets/huggingFace/fromHuggingFace.js';
import { language } from '../../presets/index.js';
import { type ConfigProblem, showConfigProblem } from '../../lib/data/config.js';
import type { Arrays } from '../golden/case.js';
import { rightOf } from './read.js';

export interface HuggingFaceCase {
  /** Its folder. */
  readonly name: string;
  /** For the report. */
  readonly what: string;
  readonly made: HuggingFaceModel;
  /** Inputs under `in/`. */
  readonly inputs: Arrays;
  /** True if parameters are moved off their initial values. */
  readonly isNoisy: boolean;
  /** Weights go into several files above so many bytes. */
  readonly shardSize?: number;
}

const draw = (index: number) => foldIn(key(11), index);

const image = (shape: readonly number[]): HostArray => normal(draw(0), shape);

const inputs = (arrays: Readonly<Record<string, HostArray>>): Arrays =>
  new Map(Object.entries(arrays).map(([name, value]) => [`in/${name}`, value]));

const common = { model_type: 'perceiver', num_latents: 6, d_latents: 16, num_self_attends_per_block: 2 };

const vision = { ...common, num_blocks: 2, num_self_attention_heads: 4, num_cross_attention_heads: 1 };

const labels = { id2label: Object.fromEntries(Array.from({ length: 10 }, (_, i) => [i, `LABEL_${i}`])) };

const points = (values: readonly number[]): HostArray =>
  array([values.length], 'int64', BigInt64Array.from(values, BigInt));

const ids = (shape: readonly [number, number]): HostArray => randint(draw(1), shape, 6, 262);

/** Of each row, the last few are padding. */
const padded = ([rows, length]: readonly [number, number]): HostArray =>
  int32(
    [rows, length],
    Array.from({ length: rows * length }, (_, i) =>
      i % length < length - 3 * Math.floor(i / length) ? 1 : 0,
    ),
  );

const small: readonly (readonly [name: string, config: object, inputs: Arrays])[] = [
  [
    'PerceiverForMaskedLM',
    { ...common, max_position_embeddings: 20, d_model: 16, qk_channels: 8, v_channels: 16 },
    inputs({ inputs: ids([2, 20]), attention_mask: padded([2, 20]) }),
  ],
  [
    'PerceiverForSequenceClassification',
    {
      ...common,
      max_position_embeddings: 20,
      d_model: 16,
      qk_channels: 8,
      v_channels: 16,
      id2label: { 0: 'a', 1: 'b', 2: 'c' },
    },
    inputs({ inputs: ids([2, 20]), attention_mask: padded([2, 20]) }),
  ],
  [
    'PerceiverForImageClassificationLearned',
    { ...vision, ...labels, d_model: 512, image_size: 8 },
    inputs({ inputs: image([2, 3, 8, 8]) }),
  ],
  [
    'PerceiverForImageClassificationFourier',
    { ...vision, ...labels, d_model: 261 },
    inputs({ inputs: image([1, 3, 224, 224]) }),
  ],
  [
    'PerceiverForImageClassificationConvProcessing',
    { ...vision, ...labels, d_model: 322 },
    inputs({ inputs: image([1, 3, 224, 224]) }),
  ],
  [
    'PerceiverForOpticalFlow',
    { ...vision, num_blocks: 1, d_model: 322, train_size: [8, 12] },
    inputs({ inputs: image([1, 2, 27, 8, 12]) }),
  ],
  [
    'PerceiverForMultimodalAutoencoding',
    {
      ...vision,
      ...labels,
      num_blocks: 1,
      d_model: 704,
      image_size: 16,
      num_frames: 2,
      audio_samples_per_frame: 64,
    },
    inputs({
      image: uniform(draw(2), [1, 2, 3, 16, 16]),
      audio: uniform(draw(3), [1, 128, 1], { min: -1, max: 1 }),
      label: float32([1, 10], new Float32Array(10)),
      image_points: points([0, 5, 17, 100, 255, 256, 300, 511]),
      audio_points: points([0, 3, 7]),
    }),
  ],
];

const madeOf = (config: object): HuggingFaceModel =>
  rightOf((problems: readonly ConfigProblem[]) => problems.map(showConfigProblem).join('; '))(
    fromHuggingFace(config),
  );

/** The seven classes. */
export const smallCases = (): readonly HuggingFaceCase[] =>
  small.map(([name, config, arrays]) => ({
    name,
    what: `\`${name}\`, small`,
    made: madeOf({ architectures: [name], ...config }),
    inputs: arrays,
    isNoisy: true,
  }));

/** The published language model, 201,108,230 parameters, on a text of full length. */
export const fullCase = (): HuggingFaceCase => ({
  name: 'language',
  what: '`PerceiverForMaskedLM`, the preset `language` at full size by seed, in shards',
  made: { architecture: 'PerceiverForMaskedLM', model: language(), ignored: [] },
  inputs: inputs({
    inputs: ids([1, 2048]),
    attention_mask: int32([1, 2048], new Int32Array(2048).fill(1)),
  }),
  isNoisy: false,
  shardSize: 300e6,
});
