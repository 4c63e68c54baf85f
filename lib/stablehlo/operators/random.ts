/**
 * Threefry: random keys and words as whole-number arithmetic, the same bits as JAX's in both of its modes. Keys are i32 in
 * the graph and ui32 while they are computed with.
 */
import type { Size } from '../../graph/size.js';
import type { Emitter } from '../emitter.js';
import type { Ref } from '../value.js';
import { axesOf, known, type Operator, type Operators } from './operator.js';

type Pair = readonly [Ref, Ref];

/** Threefry's key-schedule parity word, and its rotations. Source: Salmon et al. 2011. */
const parity = 0x1bd11bda;
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

const words = (shape: readonly Size[]) => ({ shape, type: 'ui32' as const });

/** Bits shifted in from the other end. */
const rotated = (e: Emitter, x: Ref, bits: number): Ref =>
  e.each(
    'or',
    e.each('shift_left', x, e.like(x, bits)),
    e.each('shift_right_logical', x, e.like(x, 32 - bits)),
  );

/** The two words of each block, from a key i32 [2] and the blocks' counters. */
const threefry = (e: Emitter, key: Ref, [high, low]: Pair): Pair => {
  const bits = e.bitcast(key, 'ui32');
  const word = (i: number): Ref => {
    const one = e.reshape(e.slice(bits, [i], [i + 1], [1]), []);
    return e.broadcast(one, low.shape, []);
  };
  const [k0, k1] = [word(0), word(1)];
  const keys = [k0, k1, e.each('xor', e.each('xor', k0, k1), e.like(k0, parity))];
  let [x, y] = [e.each('add', high, k0), e.each('add', low, k1)];
  for (let group = 0; group < 5; group++) {
    for (const amount of rotations[group % 2]) {
      x = e.each('add', x, y);
      y = e.each('xor', rotated(e, y, amount), x);
    }
    x = e.each('add', x, keys[(group + 1) % 3]);
    y = e.each('add', e.each('add', y, keys[(group + 2) % 3]), e.like(y, group + 1));
  }
  return [x, y];
};

/** Each element's place in the row of all elements. */
const places = (e: Emitter, shape: readonly Size[]): Ref => {
  const typed = words(shape);
  if (shape.length === 0) return e.fill(0, typed);
  const size = (axis: number): Ref => e.broadcast(e.convert(e.size(shape[axis]), 'ui32'), shape, []);
  return axesOf(shape.length)
    .slice(1)
    .reduce(
      (place, axis) => e.each('add', e.each('multiply', place, size(axis)), e.iota(typed, axis)),
      e.iota(typed, 0),
    );
};

/** Words in legacy mode: the first words of all blocks, then the second ones; an odd draw's last counter is 0. */
const legacyWords = (e: Emitter, key: Ref, size: number): Ref => {
  const half = Math.ceil(size / 2);
  const high = e.iota(words([half]), 0);
  const next = e.each('add', high, e.like(high, half));
  const low =
    size % 2 === 0 ? next : e.select(e.compare('LT', next, e.like(next, size)), next, e.like(next, 0));
  const all = e.concatenate(threefry(e, key, [high, low]), 0, [2 * half]);
  return e.slice(all, [0], [size], [size]);
};

const bits: Operator = ({ x, attrs, out, emitter: e }) => {
  const { shape } = out;
  if (attrs.mode === 'legacy') {
    const size = known(shape, 'a legacy random draw').reduce((product, n) => product * n, 1);
    return e.bitcast(e.reshape(legacyWords(e, x.key, size), shape), 'i32');
  }
  const low = places(e, shape);
  return e.bitcast(e.each('xor', ...threefry(e, x.key, [e.like(low, 0), low])), 'i32');
};

const splitKey: Operator = ({ x, attrs, out, emitter: e }) => {
  const count = attrs.count as number;
  if (attrs.mode === 'legacy')
    return e.bitcast(e.reshape(legacyWords(e, x.key, 2 * count), out.shape), 'i32');
  const low = e.iota(words([count]), 0);
  const pair = threefry(e, x.key, [e.like(low, 0), low]);
  const columns = pair.map((word) => e.reshape(word, [count, 1]));
  return e.bitcast(e.concatenate(columns, 1, out.shape), 'i32');
};

const foldIn: Operator = ({ x, attrs, out, emitter: e }) => {
  const one = words([1]);
  const pair = threefry(e, x.key, [e.fill(0, one), e.fill(attrs.data as number, one)]);
  return e.bitcast(e.concatenate(pair, 0, out.shape), 'i32');
};

/** The top 23 bits of each word as a fraction of the span, plus the minimum: rounded once, by f64 where it has to be. */
const uniform: Operator = ({ x, attrs, emitter: e }) => {
  const { min, span } = attrs as { min: number; span: number };
  const word = e.bitcast(x.x, 'ui32');
  const type = Number.isInteger(Math.log2(span)) ? 'f32' : 'f64';
  const top = e.convert(e.each('shift_right_logical', word, e.like(word, 9)), type);
  const part = e.each('multiply', top, e.like(top, span * 2 ** -23));
  return e.convert(min === 0 ? part : e.each('add', part, e.like(part, min)), 'f32');
};

/** 64 random bits modulo a span. */
const offsets: Operator = ({ x, attrs, emitter: e }) => {
  const { span, multiplier } = attrs as { span: number; multiplier: number };
  const inSpan = (word: Ref): Ref => e.each('remainder', word, e.like(word, span));
  const low = inSpan(e.bitcast(x.low, 'ui32'));
  if (multiplier === 0) return e.bitcast(low, 'i32');
  const high = inSpan(e.bitcast(x.high, 'ui32'));
  return e.bitcast(inSpan(e.each('add', e.each('multiply', high, e.like(high, multiplier)), low)), 'i32');
};

export const random: Operators = {
  RengaBits: bits,
  RengaSplitKey: splitKey,
  RengaFoldIn: foldIn,
  RengaUniform: uniform,
  RengaOffsets: offsets,
};
