/**
 * Attention, composed: scores, their softmax, and the product with the values. ONNX has an operator for it since opset 23;
 * on processors onnxruntime takes as long with either, and holds all scores at once with both. Some queries at a time
 * hold a part of the scores, and leave out the keys that none of these queries sees.
 */
import { type Span, spansOf } from '../../data/spans.js';
import { type Band, keysSeen, shiftBand } from '../../engine/index.js';
import { addSizes, isSymbolic, type Size } from '../../graph/size.js';
import { reshape } from './arrangement.js';
import { cast } from './elementwise.js';
import type { Operator, Operators, Written } from './operator.js';

/** Scores held at once, at most, for a batch of one: 32 M of them are 128 MB. */
const mostScores = 2 ** 25;

/** Blocks of queries of causal attention, and the fewest queries of one. */
const causalBlocks = 8;
const fewestInBlock = 64;

/** A score that may not be, as on our own engines. */
const maskedScore = -1e30;

/** [B, N, H, C] to [B, H, N, C] or, `isTurned`, to [B, H, C, N]. */
const byHead = ({ x, node, emitter }: Written, name: 'q' | 'k' | 'v', isTurned: boolean): string => {
  const [B, N, H, C] = node.inputs[name].shape;
  // Of one head nothing moves, and runtimes multiply by a transposed matrix without turning it.
  const heads =
    H === 1
      ? reshape(emitter, x[name], [B, N, H, C], [B, H, N, C])
      : emitter.op('Transpose', [x[name]], { perm: isTurned ? [0, 2, 3, 1] : [0, 2, 1, 3] });
  return H === 1 && isTurned ? emitter.op('Transpose', [heads], { perm: [0, 1, 3, 2] }) : heads;
};

const times = (size: Size, factor: number): Size =>
  isSymbolic(size)
    ? { terms: size.terms.map((term) => ({ ...term, coefficient: term.coefficient * factor })) }
    : size * factor;

/** A band whose diagonal, S − T, may be open. */
type Order = Omit<Band, 'diagonal'> & { readonly diagonal: Size };

/** Spans of queries that are attended with one after the other; undefined for all at once. */
const queriesAtOnce = (
  [, T, H]: readonly Size[],
  S: Size,
  order: Order | undefined,
): readonly Span[] | undefined => {
  if (isSymbolic(T) || isSymbolic(S) || isSymbolic(H)) return undefined;
  const parts = Math.ceil((T * H * S) / mostScores);
  const block = order ? Math.max(fewestInBlock, Math.ceil(T / causalBlocks)) : T;
  const size = Math.min(block, Math.ceil(T / parts));
  if (size >= T) return undefined;
  return spansOf(T, size);
};

/** Names of the arrays that some queries attend with; masks and biases are [B|1, H|1, t|1, s]. */
interface Part {
  readonly q: string; // [B, H, t, D]
  readonly k: string; // [B, G, D, s]
  readonly v: string; // [B, G, s, E]
  readonly mask?: string;
  readonly bias?: string;
  /** Factors of the weights, [B|1, H|1, t|1, s]: what dropout keeps. */
  readonly keep?: string;
  readonly shape: { readonly queries: Size; readonly keys: Size };
  readonly order?: Order;
}

const unsqueeze = ({ emitter }: Written, x: string, axis: number): string =>
  emitter.op('Unsqueeze', [x, emitter.sizes([axis])]);

/** Whole numbers from 0 up to a size, int64. */
const range = ({ emitter }: Written, size: Size): string =>
  emitter.op('Range', [
    emitter.scalar(0, 'int64'),
    emitter.op('Squeeze', [emitter.sizes([size])]),
    emitter.scalar(1, 'int64'),
  ]);

/** i + diagonal − j for query i and key j: [t, s] int64. */
const places = (kernel: Written, { queries, keys }: Part['shape'], diagonal: Size): string => {
  const { emitter } = kernel;
  const rows = emitter.op('Add', [unsqueeze(kernel, range(kernel, queries), 1), emitter.sizes([diagonal])]);
  return emitter.op('Sub', [rows, unsqueeze(kernel, range(kernel, keys), 0)]);
};

/** Pairs of the part that the order lets see each other, [t, s] bool. */
const inOrder = (kernel: Written, { shape, order }: Part): string | undefined => {
  if (!order) return undefined;
  const { emitter } = kernel;
  const place = places(kernel, shape, order.diagonal);
  const before = emitter.op('GreaterOrEqual', [place, emitter.scalar(0, 'int64')]);
  if (order.window === Infinity) return before;
  return emitter.op('And', [before, emitter.op('Less', [place, emitter.scalar(order.window, 'int64')])]);
};

/** a [B, H, t, X] times b [B, G, X, Y], whose matrices H / G heads share. */
const timesShared = (
  { emitter, node }: Written,
  a: string,
  b: string,
  [rows, from, to]: readonly [rows: Size, from: Size, to: Size],
): string => {
  const [[B, , H], [, , G]] = [node.inputs.q.shape, node.inputs.k.shape];
  if (H === G) return emitter.op('MatMul', [a, b]);
  const grouped = times(rows, (H as number) / (G as number));
  const product = emitter.op('MatMul', [reshape(emitter, a, [B, H, rows, from], [B, G, grouped, from]), b]);
  return reshape(emitter, product, [B, G, grouped, to], [B, H, rows, to]);
};

/** Attention of some queries to the keys that they see: [B, H, t, E]. */
const attendTo = (kernel: Written, part: Part): string => {
  const { emitter, node } = kernel;
  const { q, k, v, mask, bias, keep, shape } = part;
  const [D, E] = [node.inputs.q.shape[3], node.inputs.v.shape[3]];
  const products = timesShared(kernel, q, k, [shape.queries, D, shape.keys]);
  const scores = bias === undefined ? products : emitter.op('Add', [products, bias]);
  const weigh = (from: string): string => {
    const weights = emitter.op('Softmax', [from], { axis: -1 });
    const kept = keep === undefined ? weights : emitter.op('Mul', [weights, keep]);
    return timesShared(kernel, kept, v, [shape.queries, shape.keys, E]);
  };
  const ordered = inOrder(kernel, part);
  const allowed = mask && ordered ? emitter.op('And', [mask, ordered]) : (mask ?? ordered);
  if (allowed === undefined) return weigh(scores);
  const out = weigh(emitter.op('Where', [allowed, scores, emitter.scalar(maskedScore)]));
  const counted = emitter.op('ReduceMax', [cast(emitter, allowed, 'int32'), emitter.sizes([-1])], {
    keepdims: 1,
  });
  return emitter.op('Mul', [out, cast(emitter, counted, 'float32')]);
};

/** The bias by distance, of all queries and keys: [H|1, T, S]. */
const byDistance = (kernel: Written, shape: Part['shape'], diagonal: Size): string => {
  const { emitter, x } = kernel;
  // Entry j − i + T − 1, which is S − 1 less the place.
  const last = emitter.sizes([addSizes(shape.keys, -1)]);
  const entries = emitter.op('Sub', [last, places(kernel, shape, diagonal)]);
  return emitter.op('Gather', [x.relativeBias, entries], { axis: 1 });
};

/** Some of an axis; all of it if the array has one element there. */
const cut = ({ emitter }: Written, x: string, axis: number, [start, size]: Span): string =>
  emitter.op('Slice', [x, emitter.sizes([start]), emitter.sizes([start + size]), emitter.sizes([axis])]);

/** Some queries of what all attend with, and the keys that they see. */
const partOf = (kernel: Written, whole: Part, queries: Span): Part => {
  const keys = whole.shape.keys as number;
  const band = whole.order as Band | undefined;
  const found = keysSeen(band, queries, keys);
  const seen: Span = found[1] === 0 ? [0, 1] : found; // no softmax is of nothing
  const ofKeys = (x: string, axis: number): string => (seen[1] === keys ? x : cut(kernel, x, axis, seen));
  const ofBoth = (x: string | undefined, rows: Size | undefined): string | undefined =>
    x && ofKeys(rows === 1 ? x : cut(kernel, x, -2, queries), -1);
  const { mask, bias, keep } = kernel.node.inputs;
  return {
    q: cut(kernel, whole.q, 2, queries),
    k: ofKeys(whole.k, 3),
    v: ofKeys(whole.v, 2),
    mask: ofBoth(whole.mask, mask?.shape[2]),
    bias: ofBoth(whole.bias, kernel.node.inputs.relativeBias ? undefined : bias?.shape[2]),
    keep: ofBoth(whole.keep, keep?.shape[2]),
    shape: { queries: queries[1], keys: seen[1] },
    order: band && shiftBand(band, queries[0], seen[0]),
  };
};

/**
 * q [B, T, H, D], k [B, S, G, D], v [B, S, G, E], mask and bias [B|1, H|1, T|1, S], relativeBias [H|1, T + S − 1] to
 * [B, T, H, E].
 */
const attention: Operator = (kernel) => {
  const { x, attrs, node, emitter } = kernel;
  const [B, T, H, D] = node.inputs.q.shape as readonly [Size, Size, Size, number];
  const S = node.inputs.k.shape[1];
  const scale = (attrs.scale as number | undefined) ?? 1 / Math.sqrt(D);
  const to = node.outputs[0].shape;
  const shape = { queries: T, keys: S };
  const diagonal = addSizes(S, times(T, -1));
  const distant = x.relativeBias === undefined ? undefined : byDistance(kernel, shape, diagonal);
  const whole: Part = {
    q:
      scale === 1
        ? byHead(kernel, 'q', false)
        : emitter.op('Mul', [byHead(kernel, 'q', false), emitter.scalar(scale)]),
    k: byHead(kernel, 'k', true),
    v: byHead(kernel, 'v', false),
    mask: x.mask,
    keep: x.keep,
    bias: x.bias && distant ? emitter.op('Add', [x.bias, distant]) : (x.bias ?? distant),
    shape,
    ...(attrs.causal === true && {
      order: { diagonal, window: (attrs.window as number | undefined) ?? Infinity },
    }),
  };
  const spans = queriesAtOnce(node.inputs.q.shape, S, whole.order);
  const parts = spans ? spans.map((span) => partOf(kernel, whole, span)) : [whole];
  const attended = parts.map((part) => attendTo(kernel, part));
  const all = attended.length === 1 ? attended[0] : emitter.op('Concat', attended, { axis: 2 });
  return H === 1
    ? reshape(emitter, all, [B, H, T, to[3]], to)
    : emitter.op('Transpose', [all], { perm: [0, 2, 1, 3] });
};

export const attentions: Operators = { RengaAttention: attention };
