/**
 * Attention for the wasm backend by our own kernel: one pass over keys and values, without a matrix of scores.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type AttentionInputs, composedAttention } from '../composedAttention.js';
import { attentionKernel } from '../attention.js';
import { type Native, nativeOf, roomForPacking, scratchFloats } from '../native.js';
import { registerOperation } from '../operation.js';
import { addressOf, allocate, type BackendWasm } from './heap.js';

/** Channels of one key and one value that a block of keys leaves room for; heads so wide are composed. */
const widest = 2 ** 13;

const attend = (
  { exports, pool, packed }: Native,
  backend: BackendWasm,
  inputs: AttentionInputs,
): tf.Tensor => {
  const { q, k, v, mask } = inputs;
  const [batch, queries, heads, width] = q.shape as [number, number, number, number];
  const [keys, valueWidth] = [k.shape[1], v.shape[3]] as [number, number];
  const room = packed();
  const sizes = [queries, keys, width, valueWidth];
  const floats = exports.attentionGathers(batch * heads, ...sizes, roomForPacking);
  const gathered = floats > 0 ? allocate(backend, [floats]) : undefined;
  const out = allocate(backend, [batch, queries, heads, valueWidth]);
  const address = (x: tf.Tensor | undefined): number => (x ? addressOf(backend, x) : 0);
  pool.wake();
  exports.attention(
    ...[address(q), address(k), address(v), address(mask), address(out), batch, heads, ...sizes],
    ...[1 / Math.sqrt(width), address(gathered), room, roomForPacking, scratchFloats],
  );
  return out;
};

const isEmpty = ({ size }: tf.Tensor): boolean => size === 0;

/** Does our kernel take it? Dropped weights and empty arrays are composed. */
const isForKernel = ({ q, k, v, mask, keep }: AttentionInputs): boolean =>
  keep === undefined &&
  [q, k, v].every((x) => x.dtype === 'float32' && !isEmpty(x)) &&
  (q.shape[3] as number) + (v.shape[3] as number) <= widest &&
  (mask === undefined || mask.dtype === 'bool');

export const registerAttention = (): void =>
  registerOperation<AttentionInputs, object, BackendWasm>(
    'wasm',
    attentionKernel,
    (inputs, _attrs, backend) => {
      const native = nativeOf(backend);
      return native && isForKernel(inputs) ? attend(native, backend, inputs) : composedAttention(inputs);
    },
  );
