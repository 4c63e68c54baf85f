/**
 * Attention for the wasm backend by our own kernel: one pass over keys and values, without a matrix of scores.
 */
import * as tf from '@tensorflow/tfjs-core';
import { attention } from '../operations/attention.js';
import type { AttentionInputs } from '../operations/composedAttention.js';
import { type Native, nativeOf, roomForPacking, scratchFloats } from '../wasm/native.js';
import { addressOf, allocate, type BackendWasm } from './heap.js';
import { registerOwnOperation } from './own.js';
import { register } from './register.js';

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

/** The name of the kernel that attends to a part. */
const partKernel = 'RengaAttentionPart';

/** Queries attend to some keys; `gathered` and `out` are written to. */
type Part = Attended & {
  readonly q: tf.Tensor;
  readonly gathered: tf.Tensor | undefined;
  readonly out: tf.Tensor; // [B, T, H, E]
};

interface PartAttrs {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const attendToPart = (
  { exports, pool, packed }: Native,
  backend: BackendWasm,
  { q, k, v, mask, gathered, out }: Part,
  { isFirst, isLast }: PartAttrs,
): void => {
  const [begins, ends] = [Number(isFirst), Number(isLast)];
  const [batch, queries, heads, width] = q.shape as [number, number, number, number];
  const [keys, valueWidth] = [k.shape[1] as number, v.shape[3] as number];
  const address = (x: tf.Tensor | undefined): number => (x ? addressOf(backend, x) : 0);
  const room = packed();
  pool.wake();
  exports.attention(
    ...[address(q), address(k), address(v), address(mask), address(out)],
    ...[batch, heads, queries, keys, width, valueWidth, 1 / Math.sqrt(width), begins, ends],
    ...[address(gathered), room, roomForPacking, scratchFloats],
  );
};

/** Where queries keep what they gather, if they do not see all keys at once. */
const placeFor = (
  { exports }: Native,
  backend: BackendWasm,
  { shape }: tf.Tensor,
  valueWidth: number,
): tf.Tensor => {
  const [batch, queries, heads] = shape as [number, number, number, number];
  return allocate(backend, [batch * heads * exports.attentionGathers(queries, valueWidth)]);
};

const outFor = (backend: BackendWasm, { shape }: tf.Tensor, valueWidth: number): tf.Tensor =>
  allocate(backend, [...shape.slice(0, 3), valueWidth]);

const isFloat = ({ size, dtype }: tf.Tensor): boolean => size > 0 && dtype === 'float32';

/** Does our kernel take heads of these widths? */
const fits = (q: tf.Tensor, valueWidth: number): boolean =>
  isFloat(q) && (q.shape[3] as number) + valueWidth <= widest && valueWidth > 0;

/** A gathering on the backend that runs, if it has our kernels and takes these queries. */
export const gathering = (q: tf.Tensor, valueWidth: number): Gathering | undefined => {
  const backend = tf.getBackend() === 'wasm' ? (tf.backend() as BackendWasm) : undefined;
  const native = backend && nativeOf(backend);
  if (!native || !fits(q, valueWidth)) return undefined;
  const gathered = placeFor(native, backend, q, valueWidth);
  const out = outFor(backend, q, valueWidth);
  let isFirst = true;
  const attend = (attended: Attended, isLast: boolean): void => {
    const inputs: Part = { ...attended, q, gathered, out };
    // A kernel of tfjs's registry, so that profiles tell of it.
    tf.engine().runKernel(partKernel, inputs as unknown as tf.NamedTensorMap, { isFirst, isLast });
    isFirst = false;
  };
  return { attend, out };
};

const attendToAll = (native: Native, backend: BackendWasm, { q, k, v, mask }: AttentionInputs): tf.Tensor => {
  const [keys, width, valueWidth] = [k.shape[1], k.shape[3], v.shape[3]] as [number, number, number];
  const isOnePart = native.exports.attentionFits(keys, width, valueWidth, roomForPacking) !== 0;
  const gathered = isOnePart ? undefined : placeFor(native, backend, q, valueWidth);
  const out = outFor(backend, q, valueWidth);
  attendToPart(native, backend, { q, k, v, mask, gathered, out }, { isFirst: true, isLast: true });
  return out;
};

/** Queries of one head that are composed, where their keys are many: to pack keys and values takes longer. */
const fewQueries = 4;
const manyKeys = 2 ** 14; // elements

const isBetterComposed = ({ q, k }: AttentionInputs): boolean =>
  q.shape[2] === 1 && (q.shape[1] as number) <= fewQueries && k.size >= manyKeys;

/** Does our kernel take it? Dropped weights, empty arrays and few queries of one head are composed. */
const isForKernel = (inputs: AttentionInputs): boolean => {
  const { q, k, v, mask, keep } = inputs;
  return (
    keep === undefined &&
    !isBetterComposed(inputs) &&
    fits(q, v.shape[3] as number) &&
    [k, v].every(isFloat) &&
    (mask === undefined || mask.dtype === 'bool')
  );
};

export const registerAttention = (): void => {
  register<Part, PartAttrs, BackendWasm>('wasm', partKernel, (part, attrs, backend) => {
    attendToPart(nativeOf(backend) as Native, backend, part, attrs);
    return [];
  });
  registerOwnOperation(attention, (inputs, _attrs, { native, backend }) =>
    isForKernel(inputs) ? attendToAll(native, backend, inputs) : undefined,
  );
};
