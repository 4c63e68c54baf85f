/**
 * Attention and its gradient, whole: scores of all queries and keys, their softmax, and the product with the values.
 * Compilers choose what they hold at once.
 *
 * Shapes: B batch, T queries, S keys, H heads, G heads of keys and values, D query head width, E value head width.
 */
import { addSizes, isSymbolic, type Size } from '../../graph/size.js';
import type { Emitter } from '../emitter.js';
import type { Ref } from '../value.js';
import { lookUp } from './indexing.js';
import type { Operator, Operators, Written } from './operator.js';

/** A score that may not be, as on our own engines. */
const maskedScore = -1e30;

const negative = (size: Size): Size =>
  isSymbolic(size)
    ? { terms: size.terms.map(({ coefficient, symbols }) => ({ coefficient: -coefficient, symbols })) }
    : -size;

/** Keys or values [B, S, G, C] for all heads: [B, S, H, C]. */
const widen = (e: Emitter, x: Ref, heads: Size): Ref => {
  const [batch, keys, shared, width] = x.shape;
  if (shared === heads) return x;
  const apart = [batch, keys, shared, (heads as number) / (shared as number), width];
  return e.reshape(e.broadcast(x, apart, [0, 1, 2, 4]), [batch, keys, heads, width]);
};

/** The sum over heads that share keys: [B, S, H, C] to [B, S, G, C]. */
const narrow = (e: Emitter, x: Ref, shared: Size): Ref => {
  const [batch, keys, heads, width] = x.shape;
  if (shared === heads) return x;
  const apart = e.reshape(x, [batch, keys, shared, (heads as number) / (shared as number), width]);
  return e.reduce(apart, 'add', [3], 0);
};

/** i + offset − j for query i and key j: [T, S] i32. */
const places = (e: Emitter, queries: Size, keys: Size, offset: Size): Ref => {
  const typed = { shape: [queries, keys], type: 'i32' as const };
  const between = e.each('subtract', e.iota(typed, 0), e.iota(typed, 1));
  return e.each('add', between, e.broadcast(e.size(offset), typed.shape, []));
};

/** Pairs that the order lets see each other, [T, S] i1; undefined where there is no order. */
const inOrder = ({ attrs, emitter: e }: Written, queries: Size, keys: Size): Ref | undefined => {
  if (attrs.causal !== true) return undefined;
  const place = places(e, queries, keys, addSizes(keys, negative(queries)));
  const isBefore = e.compare('GE', place, e.like(place, 0));
  const window = (attrs.window as number | undefined) ?? Infinity;
  return window === Infinity
    ? isBefore
    : e.each('and', isBefore, e.compare('LT', place, e.like(place, window)));
};

/** The bias by distance: entry j − i + T − 1 of a table [H|1, T + S − 1] for query i and key j. */
const byDistance = (e: Emitter, table: Ref, queries: Size, keys: Size): Ref => {
  const entries = e.each('negate', places(e, queries, keys, addSizes(1, negative(queries))));
  const shape = [table.shape[0], queries, keys];
  return lookUp(e, table, entries, { offsets: [0], places: [1], vector: 2 }, shape);
};

/** softmax(q·kᵀ · scale + bias), zero where a query has nothing to attend to: [B, H, T, S]. */
const weigh = (kernel: Written, k: Ref): Ref => {
  const { x, attrs, emitter: e } = kernel;
  const [batch, queries, heads, width] = x.q.shape;
  const keys = k.shape[1];
  const shape = [batch, heads, queries, keys];
  const wide = (value: Ref): Ref => e.broadcast(value, shape);
  const scale = (attrs.scale as number | undefined) ?? 1 / Math.sqrt(width as number);
  const q = scale === 1 ? x.q : e.each('multiply', x.q, e.like(x.q, scale));
  const biases = [x.bias, x.relativeBias && byDistance(e, x.relativeBias, queries, keys)];
  const scores = biases.reduce<Ref>(
    (sum, bias) => (bias ? e.each('add', sum, wide(bias)) : sum),
    e.dot(
      q,
      k,
      [
        [0, 2],
        [0, 2],
      ],
      [[3], [3]],
    ),
  );
  const masks = [x.mask, inOrder(kernel, queries, keys)].flatMap((mask) => (mask ? [wide(mask)] : []));
  const allowed = masks.length === 2 ? e.each('and', masks[0], masks[1]) : masks[0];
  const masked = allowed ? e.select(allowed, scores, e.like(scores, maskedScore)) : scores;
  const along = (value: Ref): Ref => e.broadcast(value, shape, [0, 1, 2]);
  const top = e.reduce(masked, 'maximum', [3], -Infinity);
  const raised = e.each('exponential', e.each('subtract', masked, along(top)));
  const weights = e.each('divide', raised, along(e.reduce(raised, 'add', [3], 0)));
  if (!allowed) return weights;
  const isSeen = along(e.reduce(allowed, 'or', [3], 0));
  return e.select(isSeen, weights, e.like(weights, 0));
};

const drop = ({ x, emitter: e }: Written, weights: Ref): Ref =>
  x.keep ? e.each('multiply', weights, e.broadcast(x.keep, weights.shape)) : weights;

/** Axes of a matrix [B, H, t, s] times an array [B, s, H, C], summed over the matrix' axis 3, or 2. */
const times = (e: Emitter, matrix: Ref, x: Ref, axis: 2 | 3): Ref =>
  e.transpose(
    e.dot(
      matrix,
      x,
      [
        [0, 1],
        [0, 2],
      ],
      [[axis], [1]],
    ),
    [0, 2, 1, 3],
  );

const attention: Operator = (kernel) => {
  const { x, emitter: e } = kernel;
  const heads = x.q.shape[2];
  const weights = drop(kernel, weigh(kernel, widen(e, x.k, heads)));
  return times(e, weights, widen(e, x.v, heads), 3);
};

/** The cotangents of q, k and v. */
const gradient: Operator = (kernel) => {
  const { x, attrs, emitter: e } = kernel;
  const [, , heads, width] = x.q.shape;
  const [k, v] = [widen(e, x.k, heads), widen(e, x.v, heads)];
  const weights = weigh(kernel, k);
  const dWeights = drop(
    kernel,
    e.dot(
      x.dy,
      v,
      [
        [0, 2],
        [0, 2],
      ],
      [[3], [3]],
    ),
  );
  const inner = e.reduce(e.each('multiply', dWeights, weights), 'add', [3], 0);
  const moved = e.each('subtract', dWeights, e.broadcast(inner, weights.shape, [0, 1, 2]));
  const dScores = e.each('multiply', weights, moved);
  const scale = (attrs.scale as number | undefined) ?? 1 / Math.sqrt(width as number);
  const scaled = (value: Ref): Ref => e.each('multiply', value, e.like(value, scale));
  const shared = x.k.shape[2];
  return [
    scaled(times(e, dScores, k, 3)),
    narrow(e, scaled(times(e, dScores, x.q, 2)), shared),
    narrow(e, times(e, drop(kernel, weights), x.dy, 2), shared),
  ];
};

export const attentions: Operators = { RengaAttention: attention, RengaAttentionGradient: gradient };
