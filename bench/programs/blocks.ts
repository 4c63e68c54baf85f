/**
 * The blocks that every Perceiver is made of, on any engine's operations, with their parameters named as Haiku names
 * them.
 */
import type { Ops } from '../ops.js';

export interface Widths {
  readonly heads: number;
  readonly qk: number;
  readonly v: number;
  readonly output: number;
}

const last = <T>(ops: Ops<T>, x: T): number => ops.shapeOf(x)[ops.shapeOf(x).length - 1];

/** [..., C] to [..., outputs]. */
export const linear = <T>(ops: Ops<T>, path: string, x: T, outputs: number): T =>
  ops.scope(() => {
    const w = ops.param(path, 'w', [last(ops, x), outputs]);
    return ops.affine(x, w, ops.param(path, 'b', [outputs]));
  });

export const layerNorm = <T>(ops: Ops<T>, path: string, x: T): T =>
  ops.scope(() => {
    const channels = last(ops, x);
    return ops.layerNorm(x, ops.param(path, 'scale', [channels]), ops.param(path, 'offset', [channels]));
  });

/** q [B, T, C], kv [B, S, C], mask [B, T, S] to [B, T, output]. */
export const attention = <T>(ops: Ops<T>, path: string, widths: Widths, q: T, kv: T, mask?: T): T =>
  ops.scope(() => {
    const { heads, qk, v, output } = widths;
    const split = (x: T): T => {
      const [batch, n, channels] = ops.shapeOf(x);
      return ops.reshape(x, [batch, n, heads, channels / heads]);
    };
    const queries = split(linear(ops, `${path}/linear`, q, qk));
    const keys = split(linear(ops, `${path}/linear_1`, kv, qk));
    const values = split(linear(ops, `${path}/linear_2`, kv, v));
    return linear(ops, `${path}/linear_3`, ops.attend(queries, keys, values, mask), output);
  });

/** Widened by 1 in every published model. */
export const mlp = <T>(ops: Ops<T>, path: string, x: T): T =>
  ops.scope(() => {
    const channels = last(ops, x);
    const hidden = ops.gelu(linear(ops, `${path}/linear`, x, channels));
    return linear(ops, `${path}/linear_1`, hidden, channels);
  });

/** A residual block of [B, N, C]. */
export const selfAttention = <T>(ops: Ops<T>, path: string, widths: Widths, x: T): T =>
  ops.scope(() => {
    const normed = layerNorm(ops, `${path}/layer_norm`, x);
    const y = ops.add(x, attention(ops, `${path}/attention`, widths, normed, normed));
    return ops.add(y, mlp(ops, `${path}/mlp`, layerNorm(ops, `${path}/layer_norm_1`, y)));
  });

export interface CrossWidths extends Widths {
  readonly useQueryResidual: boolean;
}

/** q [B, T, C], kv [B, S, D] to [B, T, C]. */
export const crossAttention = <T>(ops: Ops<T>, path: string, widths: CrossWidths, q: T, kv: T, mask?: T): T =>
  ops.scope(() => {
    const queries = layerNorm(ops, `${path}/layer_norm`, q);
    const inputs = layerNorm(ops, `${path}/layer_norm_1`, kv);
    const attended = attention(ops, `${path}/attention`, widths, queries, inputs, mask);
    const y = widths.useQueryResidual ? ops.add(q, attended) : attended;
    return ops.add(y, mlp(ops, `${path}/mlp`, layerNorm(ops, `${path}/layer_norm_2`, y)));
  });

export interface EncoderSizes {
  readonly numLatents: number;
  readonly numLatentChannels: number;
  readonly numBlocks: number;
  readonly numSelfAttendsPerBlock: number;
  readonly numSelfAttendHeads: number;
  readonly numCrossAttendHeads: number;
  /** The inputs' width (cross-attention) and the latents' (self-attention) if not given. */
  readonly qkChannels?: number;
  readonly vChannels?: number;
}

/** The same for every example: [1, size, channels] to [B, size, channels]. */
export const forEach = <T>(ops: Ops<T>, x: T, batch: number): T => {
  const [, ...rest] = ops.shapeOf(x);
  return batch === 1 ? x : ops.broadcast(x, [batch, ...rest]);
};

/** A trained array [size, channels] as [B, size, channels]. */
export const trained = <T>(ops: Ops<T>, path: string, size: number, channels: number, batch = 1): T =>
  forEach(ops, ops.reshape(ops.param(path, 'pos_embs', [size, channels]), [1, size, channels]), batch);

/** inputs [B, M, C] to latents [B, N, D]. */
export const encoder = <T>(ops: Ops<T>, path: string, sizes: EncoderSizes, inputs: T, mask?: T): T => {
  const { numLatents, numLatentChannels: channels } = sizes;
  const qk = sizes.qkChannels ?? last(ops, inputs);
  const cross = {
    heads: sizes.numCrossAttendHeads,
    qk,
    v: sizes.vChannels ?? qk,
    output: channels,
    useQueryResidual: true,
  };
  const v = sizes.vChannels ?? sizes.qkChannels ?? channels;
  const self = { heads: sizes.numSelfAttendHeads, qk: sizes.qkChannels ?? channels, v, output: channels };
  const [batch] = ops.shapeOf(inputs);
  const latents = trained(ops, `${path}/~/trainable_position_encoding`, numLatents, channels, batch);
  let z = crossAttention(ops, `${path}/~/cross_attention`, cross, latents, inputs, mask);
  for (let i = 0; i < sizes.numBlocks * sizes.numSelfAttendsPerBlock; i++) {
    const layer = i % sizes.numSelfAttendsPerBlock;
    z = selfAttention(ops, `${path}/~/self_attention${layer ? `_${layer}` : ''}`, self, z);
  }
  return z;
};

/** A mask of keys [B, S], or of queries where `isOfQueries`, as one of pairs [B, T, S]. */
export const spread = <T>(ops: Ops<T>, mask: T, others: number, isOfQueries: boolean): T => {
  const [batch, size] = ops.shapeOf(mask);
  return isOfQueries
    ? ops.broadcast(ops.reshape(mask, [batch, size, 1]), [batch, size, others])
    : ops.broadcast(ops.reshape(mask, [batch, 1, size]), [batch, others, size]);
};
