/**
 * The gradient of attention for the wasm backend by kernels of our own. That of causal attention holds no matrix of scores
 * and makes no product for keys that a query does not see; the other one computes a head in a thread's own memory.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { AttentionAttrs } from '../operations/attention.js';
import { type AttentionGradientInputs, attentionGradientOperation } from '../operations/attentionGradient.js';
import { bandOf } from '../operations/band.js';
import { type Native, scratchFloats } from '../wasm/native.js';
import {
  bandNumbers,
  isFloat,
  isForKernel,
  oneBias,
  placesOf,
  scaleOf,
  type Scored,
  sizesOf,
} from './attention.js';
import { addressOf, allocate, type BackendWasm } from './heap.js';
import { addressesOf, registerOwnOperation } from './own.js';

/** Channels of one key and one value that the gradient's kernel has room for. */
const widest = 1536;

/** Tasks wanted: heads of keys are cut into chunks of keys where there are fewer heads. */
const tasksWanted = 16;
const fewestKeysOfChunk = 512;

/** Cotangents of queries, keys and values; undefined for inputs that the kernel does not take. */
type Differentiate = (
  native: Native,
  backend: BackendWasm,
  inputs: AttentionGradientInputs,
  attrs: AttentionAttrs,
) => tf.Tensor[] | undefined;

/** Those of causal attention. */
const withoutScores: Differentiate = ({ exports, pool }, backend, { output, dy, ...inputs }, attrs) => {
  const { q, k, v } = inputs;
  const width = (q.shape[3] as number) + (v.shape[3] as number);
  if (!isForKernel(inputs) || ![dy, output].every(isFloat) || width > widest) return undefined;
  const [queries, keys] = [q.shape[1], k.shape[1]] as [number, number];
  const pairs = (k.shape[0] as number) * (k.shape[2] as number);
  const most = Math.max(1, Math.floor(keys / fewestKeysOfChunk));
  const chunks = Math.min(most, Math.ceil(tasksWanted / pairs));
  const sizes = sizesOf(inputs);
  const inner = tf.sum(tf.mul(dy, output), 3); // [B, T, H]
  const scored: Scored = { ...inputs, ...oneBias(inputs) };
  const grads = [q, k, v].map(({ shape }) => allocate(backend, shape));
  const room = allocate(backend, [exports.attentionBackNeeds(...sizes, chunks)]);
  const places = placesOf(backend, scored);
  const others = addressesOf(backend, [dy, inner, ...grads]);
  const band = bandOf(attrs, queries, keys);
  pool.wake();
  exports.attentionBack(
    ...[...places, ...others, ...sizes, scaleOf(q, attrs), ...bandNumbers(band), chunks],
    addressOf(backend, room),
  );
  return grads;
};

/** Heads of all examples that are worth a kernel that has a task for each. */
const fewestHeads = 4;

/** Those of attention that is not causal, head by head. */
const byHeads: Differentiate = ({ exports, pool }, backend, { output: _output, dy, ...inputs }, attrs) => {
  const { q, k, v, mask, bias, relativeBias, keep } = inputs;
  const [batch, heads, keyHeads, queries, keys, width, valueWidth] = sizesOf(inputs);
  const isPlain = bias === undefined && relativeBias === undefined && keep === undefined;
  const isOurs =
    isPlain &&
    heads === keyHeads &&
    batch * heads >= fewestHeads &&
    [q, k, v, dy].every(isFloat) &&
    (mask === undefined || mask.dtype === 'bool') &&
    exports.attentionHeadNeeds(queries, keys, width, valueWidth) <= scratchFloats;
  if (!isOurs) return undefined;
  const grads = [q, k, v].map(({ shape }) => allocate(backend, shape));
  const places = placesOf(backend, { q, k, v, mask }).slice(0, 7);
  pool.wake();
  exports.attentionHeads(
    ...[...places, ...addressesOf(backend, [dy, ...grads]), batch, heads, queries, keys, width, valueWidth],
    scaleOf(q, attrs),
  );
  return grads;
};

export const registerAttentionGradient = (): void =>
  registerOwnOperation(attentionGradientOperation, (inputs, attrs, { native, backend }) =>
    (attrs.causal ? withoutScores : byHeads)(native, backend, inputs, attrs),
  );
