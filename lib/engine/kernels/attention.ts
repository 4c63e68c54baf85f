/**
 * Attention for the wasm backend by our own kernel: one pass over keys and values, without a matrix of scores.
 */
import * as tf from '@tensorflow/tfjs-core';
import { attentionKernel } from '../attention.js';
import { type AttentionInputs, composedAttention } from '../composedAttention.js';
import { type Native, nativeOf, roomForPacking, scratchFloats } from '../native.js';
import { registerOperation } from '../operation.js';
import { addressOf, allocate, type BackendWasm } from './heap.js';

/** Channels of one key and one value that a block of keys leaves room for; heads so wide are composed. */
const widest = 2 ** 13;

/** Keys and values that queries attend to, all of them or a part. */
export type Attended = Omit<AttentionInputs, 'q' | 'keep'>;

/** What queries have gathered from the keys so far. */
export interface Gathering {
  /** Adds what they gather from these keys and values. */
  readonly attend: (attended: Attended, isLast: boolean) => void;
  /** [B, T, H, E], once the last keys were attended to. */
  readonly out: tf.Tensor;
}

/** Queries [B, T, H, D] that will attend to keys and values given in one part or in several. */
const gather = (
  { exports, pool, packed }: Native,
  backend: BackendWasm,
  q: tf.Tensor,
  valueWidth: number,
  inParts: boolean,
): Gathering => {
  const [batch, queries, heads, width] = q.shape as [number, number, number, number];
  const floats = batch * heads * exports.attentionGathers(queries, valueWidth);
  const gathered = inParts ? allocate(backend, [floats]) : undefined;
  const out = allocate(backend, [batch, queries, heads, valueWidth]);
  const address = (x: tf.Tensor | undefined): number => (x ? addressOf(backend, x) : 0);
  let begins = 1;
  const attend = ({ k, v, mask }: Attended, isLast: boolean): void => {
    const [keys, room] = [k.shape[1] as number, packed()];
    pool.wake();
    exports.attention(
      ...[address(q), address(k), address(v), address(mask), address(out)],
      ...[batch, heads, queries, keys, width, valueWidth, 1 / Math.sqrt(width), begins, isLast ? 1 : 0],
      ...[address(gathered), room, roomForPacking, scratchFloats],
    );
    begins = 0;
  };
  return { attend, out };
};

const isFloat = ({ size, dtype }: tf.Tensor): boolean => size > 0 && dtype === 'float32';

/** Does our kernel take heads of these widths? */
const fits = (q: tf.Tensor, valueWidth: number): boolean =>
  isFloat(q) && (q.shape[3] as number) + valueWidth <= widest && valueWidth > 0;

/** A gathering on the backend that runs, if it has our kernels and takes these queries. */
export const gathering = (q: tf.Tensor, valueWidth: number): Gathering | undefined => {
  const backend = tf.getBackend() === 'wasm' ? (tf.backend() as BackendWasm) : undefined;
  const native = backend && nativeOf(backend);
  return native && fits(q, valueWidth) ? gather(native, backend, q, valueWidth, true) : undefined;
};

const attendToAll = (native: Native, backend: BackendWasm, { q, k, v, mask }: AttentionInputs): tf.Tensor => {
  const [keys, width, valueWidth] = [k.shape[1], k.shape[3], v.shape[3]] as [number, number, number];
  const isOnePart = native.exports.attentionFits(keys, width, valueWidth, roomForPacking) !== 0;
  const { attend, out } = gather(native, backend, q, valueWidth, !isOnePart);
  attend({ k, v, mask }, true);
  return out;
};

/** Does our kernel take it? Dropped weights and empty arrays are composed. */
const isForKernel = ({ q, k, v, mask, keep }: AttentionInputs): boolean =>
  keep === undefined &&
  fits(q, v.shape[3] as number) &&
  [k, v].every(isFloat) &&
  (mask === undefined || mask.dtype === 'bool');

export const registerAttention = (): void =>
  registerOperation<AttentionInputs, object, BackendWasm>(
    'wasm',
    attentionKernel,
    (inputs, _attrs, backend) => {
      const native = nativeOf(backend);
      return native && isForKernel(inputs) ? attendToAll(native, backend, inputs) : composedAttention(inputs);
    },
  );
