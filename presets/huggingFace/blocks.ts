/**
 * Names and arrangements of the same parts in Haiku and in Hugging Face: linear layers, norms, attention blocks, the
 * encoder, batch norm. A preset's huggingFace.ts is a table of these.
 */
import { type HostArray, float32, toFloat32 } from '../../lib/data/array.js';
import { type DerivedRule, type NameRule, transposed } from '../../lib/checkpoint/index.js';

/** A linear layer: PyTorch holds the transpose. */
export const dense = (haiku: string, huggingFace: string): readonly NameRule[] => [
  { left: `${haiku}/w`, right: `${huggingFace}.weight`, arrangement: transposed },
  { left: `${haiku}/b`, right: `${huggingFace}.bias` },
];

/** Rows, columns, inputs, outputs; PyTorch has outputs, inputs, rows, columns. */
const kernel = { kind: 'axes', order: [3, 2, 0, 1] } as const;

/** A convolution's kernel. */
export const convolution = (haiku: string, huggingFace: string): readonly NameRule[] => [
  { left: `${haiku}/w`, right: `${huggingFace}.weight`, arrangement: kernel },
];

/** A layer norm. */
const norm = (haiku: string, huggingFace: string): readonly NameRule[] => [
  { left: `${haiku}/scale`, right: `${huggingFace}.weight` },
  { left: `${haiku}/offset`, right: `${huggingFace}.bias` },
];

/** Trained positions, latents, paddings, mask tokens. */
export const table = (haiku: string, huggingFace: string): readonly NameRule[] => [
  { left: `${haiku}/pos_embs`, right: huggingFace },
];

/** Attention and the MLP after it; the names of norms differ between blocks. */
const block = (haiku: string, huggingFace: string): readonly NameRule[] => [
  ...norm(`${haiku}/layer_norm`, `${huggingFace}.attention.self.layernorm1`),
  ...dense(`${haiku}/attention/linear`, `${huggingFace}.attention.self.query`),
  ...dense(`${haiku}/attention/linear_1`, `${huggingFace}.attention.self.key`),
  ...dense(`${haiku}/attention/linear_2`, `${huggingFace}.attention.self.value`),
  ...dense(`${haiku}/attention/linear_3`, `${huggingFace}.attention.output.dense`),
  ...dense(`${haiku}/mlp/linear`, `${huggingFace}.mlp.dense1`),
  ...dense(`${haiku}/mlp/linear_1`, `${huggingFace}.mlp.dense2`),
];

const selfAttention = (haiku: string, huggingFace: string): readonly NameRule[] => [
  ...block(haiku, huggingFace),
  ...norm(`${haiku}/layer_norm_1`, `${huggingFace}.layernorm`),
];

/** A cross-attention block. */
export const crossAttention = (haiku: string, huggingFace: string): readonly NameRule[] => [
  ...block(haiku, huggingFace),
  ...norm(`${haiku}/layer_norm_1`, `${huggingFace}.attention.self.layernorm2`),
  ...norm(`${haiku}/layer_norm_2`, `${huggingFace}.layernorm`),
];

/** The encoder under its name in Haiku. */
export const encoder = (haiku: string): readonly NameRule[] => [
  ...table(`${haiku}/~/trainable_position_encoding`, 'perceiver.embeddings.latents'),
  ...crossAttention(`${haiku}/~/cross_attention`, 'perceiver.encoder.cross_attention'),
  ...selfAttention(`${haiku}/~/self_attention{_i}`, 'perceiver.encoder.self_attends.{#i}'),
];

/** The basic decoder's cross-attention and its last projection. */
export const projectingDecoder = (haiku: string, huggingFace: string): readonly NameRule[] => [
  ...crossAttention(`${haiku}/cross_attention`, `${huggingFace}.decoding_cross_attention`),
  ...dense(`${haiku}/output`, `${huggingFace}.final_layer`),
];

/** Puts rules under the checkpoint's tree of parameters, or of state. */
export const inParams = (rules: readonly NameRule[]): readonly NameRule[] =>
  rules.map((rule) => ({ ...rule, left: `params/${rule.left}` }));
const inState = (rules: readonly NameRule[]): readonly NameRule[] =>
  rules.map((rule) => ({ ...rule, left: `state/${rule.left}` }));

/** Images' channels: Haiku keeps the axes of batch, rows and columns. */
const byChannel = { kind: 'leadingOnes', count: 3 } as const;

/** The share of the old average that stays at each step: Haiku's `decay_rate`, or 1 - PyTorch's `momentum`. */
const decayRate = 0.9;

/**
 * Scale, offset and moving averages of batch norm. Haiku keeps three numbers for each average; PyTorch keeps one, and a
 * count for both. `batchNormDerived` makes the others from the average and the count.
 */
export const batchNormNames = (haiku: string, huggingFace: string): readonly NameRule[] => [
  ...inParams([
    { left: `${haiku}/scale`, right: `${huggingFace}.weight`, arrangement: byChannel },
    { left: `${haiku}/offset`, right: `${huggingFace}.bias`, arrangement: byChannel },
  ]),
  ...inState([
    {
      left: `${haiku}/~/mean_ema/average`,
      right: `${huggingFace}.running_mean`,
      arrangement: byChannel,
    },
    { left: `${haiku}/~/var_ema/average`, right: `${huggingFace}.running_var`, arrangement: byChannel },
    {
      left: `${haiku}/~/mean_ema/counter`,
      right: `${huggingFace}.num_batches_tracked`,
      arrangement: { kind: 'counter' },
    },
  ]),
];

/** Haiku's `hidden`: the average before the correction for its start at zero. */
const hiddenOf = ([average, counter]: readonly HostArray[]): HostArray => {
  const share = 1 - decayRate ** Number(counter.data[0]);
  return float32(
    average.shape,
    toFloat32(average).map((value) => value * share),
  );
};

/** The largest relative difference between a stored sum and its average after many float32 steps. */
const roundings = 1e-4;

const isNear = (given: HostArray, made: HostArray): boolean => {
  const [a, b] = [toFloat32(given), toFloat32(made)];
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.length === b.length && b.every((value, i) => Math.abs(value - a[i]) <= roundings * largest);
};

const isSameNumber = (given: HostArray, made: HostArray): boolean =>
  Number(given.data[0]) === Number(made.data[0]);

/** State that Haiku keeps and PyTorch does not. */
export const batchNormDerived = (haiku: string): readonly DerivedRule[] => {
  const [mean, variance] = [`state/${haiku}/~/mean_ema`, `state/${haiku}/~/var_ema`];
  return [
    {
      left: `${variance}/counter`,
      from: [`${mean}/counter`],
      make: ([counter]) => counter,
      agrees: isSameNumber,
    },
    ...[mean, variance].map((average) => ({
      left: `${average}/hidden`,
      from: [`${average}/average`, `${mean}/counter`],
      make: hiddenOf,
      agrees: isNear,
    })),
  ];
};
