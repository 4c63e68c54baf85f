/**
 * What Haiku and Hugging Face call the same parts, and how arrays are held there: linear layers, norms, attention blocks,
 * the encoder. Families are tables of these; whole names are in none of them twice.
 */
import type { NameRule } from '../../lib/checkpoint/index.js';
import { transposed } from '../../lib/checkpoint/index.js';

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

/** Attention and the MLP after it; what differs between blocks is how their norms are called. */
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

/** Names as a checkpoint's two trees have them together. */
export const inParams = (rules: readonly NameRule[]): readonly NameRule[] =>
  rules.map((rule) => ({ ...rule, left: `params/${rule.left}` }));
export const inState = (rules: readonly NameRule[]): readonly NameRule[] =>
  rules.map((rule) => ({ ...rule, left: `state/${rule.left}` }));
