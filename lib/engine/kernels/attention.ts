/**
 * Attention for the wasm backend by our own kernel: one pass over keys and values, without a matrix of scores.
 */
import * as tf from '@tensorflow/tfjs-core';
import { attention, type AttentionAttrs, type AttentionInputs } from '../operations/attention.js';
import { type Band, bandOf } from '../operations/band.js';
import { type Native, nativeOf, roomForPacking, scratchFloats } from '../wasm/native.js';
import { alongDiagonals } from '../operations/relativeBias.js';
import { addressOf, allocate, type BackendWasm } from './heap.js';
import { addressesOf, registerOwnOperation } from './own.js';
import { register } from './register.js';

/** Channels of one key and one value that a block of keys leaves room for; heads so wide are composed. */
const widest = 2 ** 13;

/** Places that no query and no key reaches: the band of attention that sees every key. */
const everywhere: Band = { diagonal: 2 ** 29, window: 2 ** 30 };

/** Keys and values that queries attend to, all of them or a part. */
export type Attended = Omit<AttentionInputs, 'q' | 'bias' | 'relativeBias' | 'keep'>;

/** Attention to keys that come in parts. */
export interface Gathering {
  /** Adds the weighted values of some keys. */
  readonly attend: (attended: Attended, isLast: boolean) => void;
  /** [B, T, H, E], once the last keys were attended to. */
  readonly out: tf.Tensor;
}

/** The name of the kernel that attends to a part. */
const partKernel = 'RengaAttentionPart';

/** Inputs that scores and values come from. */
export type Scored = Omit<AttentionInputs, 'keep'>;

/** Queries attend to some keys; `gathered` and `out` are written to. */
type Part = Scored & {
  readonly gathered: tf.Tensor | undefined;
  readonly out: tf.Tensor; // [B, T, H, E]
};

interface PartAttrs {
  readonly scale: number;
  readonly band?: Band;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** Bytes from one element of an axis to the next, 0 where there is one for all. */
const stepsOf = ({ shape }: tf.Tensor, bytes: number): readonly number[] => {
  const [batch, heads, queries, keys] = shape as [number, number, number, number];
  return [
    batch === 1 ? 0 : heads * queries * keys * bytes,
    heads === 1 ? 0 : queries * keys * bytes,
    queries === 1 ? 0 : keys * bytes,
  ];
};

/** The place of the bias: its address, and the bytes from one batch, head and query to the next. */
const biasPlace = (backend: BackendWasm, { bias, relativeBias, q }: Scored): readonly number[] => {
  if (bias) return [addressOf(backend, bias), ...stepsOf(bias, 4)];
  if (!relativeBias) return [0, 0, 0, 0];
  // Entry j − i + T − 1: each query reads the table from one place before that of the query before it.
  const [heads, places] = relativeBias.shape as [number, number];
  const queries = q.shape[1] as number;
  return [addressOf(backend, relativeBias) + 4 * (queries - 1), 0, heads === 1 ? 0 : 4 * places, -4];
};

/** Places of queries, keys, values, mask and bias, as both kernels take them. */
export const placesOf = (backend: BackendWasm, scored: Scored): readonly number[] => {
  const { q, k, v, mask } = scored;
  const masks = mask ? [addressOf(backend, mask), ...stepsOf(mask, 1)] : [0, 0, 0, 0];
  return [...[q, k, v].map((x) => addressOf(backend, x)), ...masks, ...biasPlace(backend, scored)];
};

/** Sizes: batch, heads, heads of keys, queries, keys, and widths of a key and a value. */
export const sizesOf = ({ q, k, v }: Pick<AttentionInputs, 'q' | 'k' | 'v'>): readonly number[] => {
  const [batch, queries, heads, width] = q.shape as [number, number, number, number];
  const [, keys, keyHeads] = k.shape as [number, number, number];
  return [batch, heads, keyHeads, queries, keys, width, v.shape[3] as number];
};

/** The band as both kernels take it. */
export const bandNumbers = ({ diagonal, window }: Band = everywhere): readonly number[] => [
  diagonal,
  Math.min(window, everywhere.window),
];

const attendToPart = (
  { exports, pool, packed }: Native,
  backend: BackendWasm,
  part: Part,
  { scale, band, isFirst, isLast }: PartAttrs,
): void => {
  const places = placesOf(backend, part);
  const [out, gathered] = addressesOf(backend, [part.out, part.gathered]);
  const room = packed();
  pool.wake();
  exports.attention(
    ...[...places, out, ...sizesOf(part), scale, ...bandNumbers(band), Number(isFirst), Number(isLast)],
    ...[gathered, room, roomForPacking, scratchFloats],
  );
};

/** Memory for the weighted values of queries that do not see all keys at once. */
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

export const isFloat = ({ size, dtype }: tf.Tensor): boolean => size > 0 && dtype === 'float32';

/** True for heads of widths that our kernel takes. */
const fits = (q: tf.Tensor, valueWidth: number): boolean =>
  isFloat(q) && (q.shape[3] as number) + valueWidth <= widest && valueWidth > 0;

/** The factor of the scores. */
export const scaleOf = ({ shape }: tf.Tensor, { scale }: AttentionAttrs): number =>
  scale ?? 1 / Math.sqrt(shape[3] as number);

/** A gathering on the backend that runs, if it has our kernels and takes these queries. */
export const gathering = (
  q: tf.Tensor,
  valueWidth: number,
  attrs: Pick<AttentionAttrs, 'scale'>,
): Gathering | undefined => {
  const backend = tf.getBackend() === 'wasm' ? (tf.backend() as BackendWasm) : undefined;
  const native = backend && nativeOf(backend);
  if (!native || !fits(q, valueWidth)) return undefined;
  const gathered = placeFor(native, backend, q, valueWidth);
  const out = outFor(backend, q, valueWidth);
  const scale = scaleOf(q, attrs);
  let isFirst = true;
  const attend = (attended: Attended, isLast: boolean): void => {
    const inputs: Part = { ...attended, q, gathered, out };
    // A kernel of tfjs's registry, so that profiles tell of it.
    tf.engine().runKernel(partKernel, inputs as unknown as tf.NamedTensorMap, { scale, isFirst, isLast });
    isFirst = false;
  };
  return { attend, out };
};

/** The bias as the kernel takes it: one array. */
export const oneBias = ({ q, bias, relativeBias }: AttentionInputs): Pick<Scored, 'bias' | 'relativeBias'> =>
  bias && relativeBias
    ? { bias: tf.add(bias, alongDiagonals(relativeBias, q.shape[1] as number)) } // [B|1, H|1, T, S]
    : { bias, relativeBias };

const attendToAll = (
  native: Native,
  backend: BackendWasm,
  inputs: AttentionInputs,
  attrs: AttentionAttrs,
): tf.Tensor => {
  const { q, k, v, mask } = inputs;
  const [keys, width, valueWidth] = [k.shape[1], k.shape[3], v.shape[3]] as [number, number, number];
  const isOnePart = native.exports.attentionFits(keys, width, valueWidth, roomForPacking) !== 0;
  const gathered = isOnePart ? undefined : placeFor(native, backend, q, valueWidth);
  const out = outFor(backend, q, valueWidth);
  const band = bandOf(attrs, q.shape[1] as number, keys);
  const part: Part = { q, k, v, mask, ...oneBias(inputs), gathered, out };
  attendToPart(native, backend, part, { scale: scaleOf(q, attrs), band, isFirst: true, isLast: true });
  return out;
};

/** Queries of one head that are composed, where their keys are many: to pack keys and values takes longer. */
const fewQueries = 4;
const manyKeys = 2 ** 14; // elements

const isBetterComposed = ({ q, k }: AttentionInputs): boolean =>
  q.shape[2] === 1 && (q.shape[1] as number) <= fewQueries && k.size >= manyKeys;

/** True for inputs that our kernel takes. Dropped weights, empty arrays and few queries of one head are composed. */
export const isForKernel = (inputs: AttentionInputs): boolean => {
  const { q, k, v, mask, bias, relativeBias, keep } = inputs;
  return (
    keep === undefined &&
    !isBetterComposed(inputs) &&
    fits(q, v.shape[3] as number) &&
    [k, v, bias, relativeBias].every((x) => x === undefined || isFloat(x)) &&
    (mask === undefined || mask.dtype === 'bool')
  );
};

export const registerAttention = (): void => {
  register<Part, PartAttrs, BackendWasm>('wasm', partKernel, (part, attrs, backend) => {
    attendToPart(nativeOf(backend) as Native, backend, part, attrs);
    return [];
  });
  registerOwnOperation(attention, (inputs, attrs, { native, backend }) =>
    isForKernel(inputs) ? attendToAll(native, backend, inputs, attrs) : undefined,
  );
};
