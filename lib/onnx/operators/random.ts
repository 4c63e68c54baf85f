/**
 * Threefry: random keys and words as whole-number arithmetic, the same bits as JAX's in both of its modes. Sums are of
 * int32, which wraps around; shifts are of uint32, the only type that ONNX shifts.
 */
import { isSymbolic, type Size } from '../../graph/size.js';
import { dataTypes } from '../tensor.js';
import { type Operator, type Operators, type Written } from './operator.js';
import { UnsupportedError } from '../../graph/unsupportedError.js';

type Emitter = Written['emitter'];
type Pair = readonly [string, string];

/** Threefry's key-schedule parity word, and its rotations. Source: Salmon et al. 2011. */
const parity = 0x1bd11bda;
const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

const add = (emitter: Emitter, a: string, b: string): string => emitter.op('Add', [a, b]);
const xor = (emitter: Emitter, a: string, b: string): string => emitter.op('BitwiseXor', [a, b]);
const number = (emitter: Emitter, value: number): string => emitter.scalar(value | 0, 'int32');

/** Bits shifted in from the other end. */
const rotated = (emitter: Emitter, x: string, bits: number): string => {
  const word = emitter.op('Cast', [x], { to: dataTypes.uint32 });
  const shifted = (by: number, direction: string): string =>
    emitter.op('BitShift', [word, emitter.scalar(by, 'uint32')], { direction });
  const joined = emitter.op('BitwiseOr', [shifted(bits, 'LEFT'), shifted(32 - bits, 'RIGHT')]);
  return emitter.op('Cast', [joined], { to: dataTypes.int32 });
};

/** The two words of each block, from a key int32 [2] and the blocks' counters. */
const threefry = (emitter: Emitter, key: string, [high, low]: Pair): Pair => {
  const word = (i: number): string => emitter.op('Gather', [key, emitter.scalar(i, 'int64')], { axis: 0 });
  const [k0, k1] = [word(0), word(1)];
  const keys = [k0, k1, xor(emitter, xor(emitter, k0, k1), number(emitter, parity))];
  let [x, y] = [add(emitter, high, k0), add(emitter, low, k1)];
  for (let group = 0; group < 5; group++) {
    for (const bits of rotations[group % 2]) {
      x = add(emitter, x, y);
      y = xor(emitter, rotated(emitter, y, bits), x);
    }
    x = add(emitter, x, keys[(group + 1) % 3]);
    y = add(emitter, y, add(emitter, keys[(group + 2) % 3], number(emitter, group + 1)));
  }
  return [x, y];
};

/** 0, 1, …, as many as a shape has elements: int32. */
const countTo = (emitter: Emitter, shape: readonly Size[]): string => {
  const size = emitter.op('ReduceProd', [emitter.sizes(shape)], { keepdims: 0 });
  const range = emitter.op('Range', [emitter.scalar(0, 'int64'), size, emitter.scalar(1, 'int64')]);
  return emitter.op('Cast', [range], { to: dataTypes.int32 });
};

const zeros = (emitter: Emitter, like: string): string => emitter.op('Sub', [like, like]);

/** Words in legacy mode: the first words of all blocks, then the second ones; an odd draw's last counter is 0. */
const legacyWords = (emitter: Emitter, key: string, size: number): string => {
  const half = Math.ceil(size / 2);
  const high = emitter.numbers([...Array(half).keys()], 'int32');
  const low = emitter.numbers(
    Array.from({ length: half }, (_, i) => (half + i < size ? half + i : 0)),
    'int32',
  );
  const words = emitter.op('Concat', threefry(emitter, key, [high, low]), { axis: 0 });
  return emitter.op('Slice', [words, emitter.sizes([0]), emitter.sizes([size])]);
};

const known = (size: Size): number => {
  if (isSymbolic(size))
    throw new UnsupportedError('a legacy random draw with open sizes: give numbers in their places');
  return size;
};

const bits: Operator = ({ x, attrs, emitter }) => {
  const shape = attrs.shape as readonly Size[];
  const target = emitter.sizes(shape);
  if (attrs.mode === 'legacy') {
    const size = shape.reduce<number>((product, n) => product * known(n), 1);
    return emitter.op('Reshape', [legacyWords(emitter, x.key, size), target]);
  }
  const low = countTo(emitter, shape);
  const words = threefry(emitter, x.key, [zeros(emitter, low), low]);
  return emitter.op('Reshape', [xor(emitter, ...words), target]);
};

const splitKey: Operator = ({ x, attrs, emitter }) => {
  const count = attrs.count as number;
  if (attrs.mode === 'legacy')
    return emitter.op('Reshape', [legacyWords(emitter, x.key, 2 * count), emitter.sizes([count, 2])]);
  const low = emitter.numbers([...Array(count).keys()], 'int32');
  const [first, second] = threefry(emitter, x.key, [zeros(emitter, low), low]);
  const columns = [first, second].map((word) => emitter.op('Unsqueeze', [word, emitter.sizes([1])]));
  return emitter.op('Concat', columns, { axis: 1 });
};

const foldIn: Operator = ({ x, attrs, emitter }) => {
  const counter = emitter.numbers([(attrs.data as number) | 0], 'int32');
  return emitter.op('Concat', threefry(emitter, x.key, [emitter.numbers([0], 'int32'), counter]), {
    axis: 0,
  });
};

const cast = (emitter: Emitter, x: string, to: keyof typeof dataTypes): string =>
  emitter.op('Cast', [x], { to: dataTypes[to] });

/** A number other than 0 as whole · 2^exponent, the whole number odd. */
const inBinary = (x: number): readonly [whole: number, exponent: number] => {
  let [whole, exponent] = [x, 0];
  for (; !Number.isInteger(whole); exponent--) whole *= 2;
  for (; whole % 2 === 0; exponent++) whole /= 2;
  return [whole, exponent];
};

/** The most that a whole number may be for float64 to hold it and all smaller ones. */
const largestWhole = 2 ** 53;

/**
 * The top 23 bits of each word as a fraction of the span, plus the minimum, rounded once. Both terms are whole numbers of one
 * unit, whose sum int64 has exactly; float64, which pages lack, is for units too far apart.
 */
const uniform: Operator = ({ x, attrs, emitter }) => {
  const { min, span } = attrs as { min: number; span: number };
  const top = emitter.op('BitShift', [cast(emitter, x.x, 'uint32'), emitter.scalar(9, 'uint32')], {
    direction: 'RIGHT',
  });
  const line = (type: 'float32' | 'float64' | 'int64', factor: number, shift: number): string => {
    const part = emitter.op('Mul', [cast(emitter, top, type), emitter.scalar(factor, type)]);
    return shift === 0 ? part : emitter.op('Add', [part, emitter.scalar(shift, type)]);
  };
  if (min === 0 || span === 0 || Number.isInteger(Math.log2(span)))
    return line('float32', span * 2 ** -23, min);
  const exponents = [inBinary(span)[1] - 23, inBinary(min)[1]];
  const unit = 2 ** Math.min(...exponents);
  const [factor, shift] = [(span * 2 ** -23) / unit, min / unit];
  if (unit < 2 ** -126 || factor * 2 ** 23 + Math.abs(shift) > largestWhole)
    return cast(emitter, line('float64', span * 2 ** -23, min), 'float32');
  return emitter.op('Mul', [cast(emitter, line('int64', factor, shift), 'float32'), emitter.scalar(unit)]);
};

/** 64 random bits modulo a span: words are int64 without their signs, and products keep their low 32 bits. */
const offsets: Operator = ({ x, attrs, emitter }) => {
  const { span, multiplier } = attrs as { span: number; multiplier: number };
  const long = (value: string): string => cast(emitter, cast(emitter, value, 'uint32'), 'int64');
  const inSpan = (value: string): string => emitter.op('Mod', [value, emitter.scalar(span, 'int64')]);
  const low = inSpan(long(x.low));
  if (multiplier === 0) return cast(emitter, low, 'int32');
  const high = emitter.op('Mul', [inSpan(long(x.high)), emitter.scalar(multiplier, 'int64')]);
  return cast(emitter, inSpan(long(add(emitter, high, low))), 'int32');
};

export const random: Operators = {
  RengaBits: bits,
  RengaSplitKey: splitKey,
  RengaFoldIn: foldIn,
  RengaUniform: uniform,
  RengaOffsets: offsets,
};
