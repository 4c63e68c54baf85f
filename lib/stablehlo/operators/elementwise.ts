/**
 * Kernels that work element by element.
 */
import type { Emitter } from '../emitter.js';
import { elementTypeOf, type Ref } from '../value.js';
import type { Operator, Operators, Written } from './operator.js';

/** Names in StableHLO of kernels of one input. */
const unaryNames = {
  Abs: 'abs',
  Ceil: 'ceil',
  Floor: 'floor',
  Neg: 'negate',
  Round: 'round_nearest_even',
  Sign: 'sign',
  Exp: 'exponential',
  Expm1: 'exponential_minus_one',
  Log: 'log',
  Log1p: 'log_plus_one',
  Sqrt: 'sqrt',
  Rsqrt: 'rsqrt',
  Sin: 'sine',
  Cos: 'cosine',
  Tanh: 'tanh',
  Sigmoid: 'logistic',
  LogicalNot: 'not',
};

/** Names of kernels of two inputs. */
const binaryNames = {
  Add: 'add',
  Sub: 'subtract',
  Multiply: 'multiply',
  RealDiv: 'divide',
  Pow: 'power',
  Maximum: 'maximum',
  Minimum: 'minimum',
  Atan2: 'atan2',
  BitwiseAnd: 'and',
  LogicalAnd: 'and',
  LogicalOr: 'or',
  LogicalXor: 'xor',
};

const comparisons = {
  Equal: 'EQ',
  NotEqual: 'NE',
  Greater: 'GT',
  GreaterEqual: 'GE',
  Less: 'LT',
  LessEqual: 'LE',
} as const;

const tableOf = <N extends string>(
  names: Readonly<Record<string, N>>,
  form: (name: N) => Operator,
): Operators => Object.fromEntries(Object.entries(names).map(([kernel, name]) => [kernel, form(name)]));

/** Both inputs in the shape of the result. */
const pair = ({ x, out, emitter }: Written): readonly [Ref, Ref] => [
  emitter.broadcast(x.a, out.shape),
  emitter.broadcast(x.b, out.shape),
];

/** A function of one value, made of operations of StableHLO. */
type Formula = (x: Ref, e: Emitter, attrs: Written['attrs']) => Ref;

const half = (x: Ref, e: Emitter): Ref => e.each('multiply', x, e.like(x, 0.5));
const plus = (x: Ref, value: number, e: Emitter): Ref => e.each('add', x, e.like(x, value));
const square = (x: Ref, e: Emitter): Ref => e.each('multiply', x, x);
const isAbove = (x: Ref, value: number, e: Emitter): Ref => e.compare('GT', x, e.like(x, value));

/** √(1 − x²) */
const coside: Formula = (x, e) => e.each('sqrt', e.each('subtract', e.like(x, 1), square(x, e)));

/** Coefficients of the error function's approximation by Abramowitz and Stegun, 7.1.26, which tfjs uses. */
const erfScale = 0.3275911;
const erfTerms = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];

const erf: Formula = (x, e) => {
  const size = e.each('abs', x);
  const t = e.each('divide', e.like(x, 1), plus(e.each('multiply', size, e.like(x, erfScale)), 1, e));
  const [first, ...rest] = erfTerms;
  const sum = rest.reduce((poly, term) => plus(e.each('multiply', poly, t), term, e), e.like(x, first));
  const tail = e.each('exponential', e.each('negate', square(size, e)));
  const product = e.each('multiply', e.each('multiply', sum, t), tail);
  return e.each('multiply', e.each('sign', x), e.each('subtract', e.like(x, 1), product));
};

/** (eˣ − e⁻ˣ) / 2, exact near 0. */
const sinh: Formula = (x, e) => {
  const grown = e.each('exponential_minus_one', x);
  return half(e.each('add', grown, e.each('divide', grown, plus(grown, 1, e))), e);
};

/** sign(x) · log(1 + |x| + x² / (1 + √(1 + x²))) */
const asinh: Formula = (x, e) => {
  const size = e.each('abs', x);
  const root = plus(e.each('sqrt', plus(square(x, e), 1, e)), 1, e);
  const sum = e.each('add', size, e.each('divide', square(x, e), root));
  return e.each('multiply', e.each('sign', x), e.each('log_plus_one', sum));
};

const elu = (x: Ref, e: Emitter, alpha: number): Ref =>
  e.select(isAbove(x, 0, e), x, e.each('multiply', e.each('exponential_minus_one', x), e.like(x, alpha)));

/** Constants of SELU. Source: arXiv:1706.02515. */
const selu = { alpha: 1.7580993408473768, scale: 1.0507009873554805 };

const formulas: Readonly<Record<string, Formula>> = {
  Identity: (x) => x,
  Square: square,
  Reciprocal: (x, e) => e.each('divide', e.like(x, 1), x),
  Erf: erf,
  Tan: (x, e) => e.each('divide', e.each('sine', x), e.each('cosine', x)),
  Asin: (x, e) => e.each('atan2', x, coside(x, e, {})),
  Acos: (x, e) => e.each('atan2', coside(x, e, {}), x),
  Atan: (x, e) => e.each('atan2', x, e.like(x, 1)),
  Sinh: sinh,
  Cosh: (x, e) =>
    half(e.each('add', e.each('exponential', x), e.each('exponential', e.each('negate', x))), e),
  Asinh: asinh,
  Acosh: (x, e) => e.each('log', e.each('add', x, e.each('sqrt', plus(square(x, e), -1, e)))),
  Atanh: (x, e) =>
    half(e.each('subtract', e.each('log_plus_one', x), e.each('log_plus_one', e.each('negate', x))), e),
  Relu: (x, e) => e.each('maximum', x, e.like(x, 0)),
  Relu6: (x, e) => e.each('clamp', e.like(x, 0), x, e.like(x, 6)),
  Elu: (x, e) => elu(x, e, 1),
  Selu: (x, e) =>
    e.select(
      isAbove(x, 0, e),
      e.each('multiply', x, e.like(x, selu.scale)),
      e.each('multiply', e.each('exponential_minus_one', x), e.like(x, selu.alpha)),
    ),
  LeakyRelu: (x, e, { alpha }) =>
    e.select(isAbove(x, 0, e), x, e.each('multiply', x, e.like(x, alpha as number))),
  Softplus: (x, e) => {
    const tail = e.each('exponential', e.each('negate', e.each('abs', x)));
    return e.each('add', e.each('maximum', x, e.like(x, 0)), e.each('log_plus_one', tail));
  },
  Step: (x, e, { alpha }) => {
    const stepped = e.select(isAbove(x, 0, e), e.like(x, 1), e.like(x, alpha as number));
    return e.select(e.compare('NE', x, x), x, stepped); // NaN stays NaN
  },
  ClipByValue: (x, e, { clipValueMin, clipValueMax }) =>
    e.each('clamp', e.like(x, clipValueMin as number), x, e.like(x, clipValueMax as number)),
  IsNan: (x, e) => e.compare('NE', x, x),
  IsInf: (x, e) => e.compare('EQ', e.each('abs', x), e.like(x, Infinity)),
  IsFinite: (x, e) => e.compare('LT', e.each('abs', x), e.like(x, Infinity)),
  ZerosLike: (x, e) => e.like(x, 0),
  OnesLike: (x, e) => e.like(x, 1),
};

const formed: Operators = Object.fromEntries(
  Object.entries(formulas).map(([kernel, form]): [string, Operator] => [
    kernel,
    ({ x, emitter, attrs }) => form(Object.values(x)[0], emitter, attrs),
  ]),
);

/** An activation of tfjs's fused kernels. */
export const activate = (
  x: Ref,
  name: string,
  { emitter, attrs, x: { preluActivationWeights } }: Written,
): Ref | undefined => {
  if (name === 'linear') return x;
  if (name === 'sigmoid') return emitter.each('logistic', x);
  if (name === 'prelu') return prelu(x, preluActivationWeights, emitter);
  const kernel = { relu: 'Relu', relu6: 'Relu6', elu: 'Elu', leakyrelu: 'LeakyRelu' }[name];
  return kernel === undefined ? undefined : formulas[kernel](x, emitter, { alpha: attrs.leakyreluAlpha });
};

const prelu = (x: Ref, alpha: Ref, e: Emitter): Ref =>
  e.select(isAbove(x, 0, e), x, e.each('multiply', x, e.broadcast(alpha, x.shape)));

/** True where a remainder is not 0 and has another sign than the divisor. */
const isOtherSide = (rest: Ref, divisor: Ref, e: Emitter): Ref => {
  const isNegative = (x: Ref): Ref => e.compare('LT', x, e.like(x, 0));
  const isRest = e.compare('NE', rest, e.like(rest, 0));
  return e.each('and', isRest, e.each('xor', isNegative(rest), isNegative(divisor)));
};

const arithmetic: Operators = {
  AddN: ({ x, emitter }) => Object.values(x).reduce((sum, each) => emitter.each('add', sum, each)),
  SquaredDifference: (kernel) => square(kernel.emitter.each('subtract', ...pair(kernel)), kernel.emitter),
  // StableHLO divides whole numbers towards zero.
  FloorDiv: (kernel) => {
    const { emitter: e, out } = kernel;
    const [a, b] = pair(kernel);
    const quotient = e.each('divide', a, b);
    if (out.type === 'f32') return e.each('floor', quotient);
    const isBelow = isOtherSide(e.each('remainder', a, b), b, e);
    return e.select(isBelow, plus(quotient, -1, e), quotient);
  },
  // The result has the divisor's sign.
  Mod: (kernel) => {
    const { emitter: e } = kernel;
    const [a, b] = pair(kernel);
    const rest = e.each('remainder', a, b);
    return e.select(isOtherSide(rest, b, e), e.each('add', rest, b), rest);
  },
  Prelu: ({ x, emitter }) => prelu(x.x, x.alpha, emitter),
  Cast: ({ x, node, emitter }) => emitter.convert(x.x, elementTypeOf(node.outputs[0].dtype)),
  Select: ({ x, out, emitter: e }) =>
    e.select(e.broadcast(x.condition, out.shape), e.broadcast(x.t, out.shape), e.broadcast(x.e, out.shape)),
};

/** (x − mean) / √(variance + epsilon) · scale + offset, for each channel. */
const normalize: Operator = ({ x, attrs, out, emitter: e }) => {
  const wide = (value: Ref): Ref => e.broadcast(value, out.shape);
  const deviation = e.each('sqrt', plus(x.variance, attrs.varianceEpsilon as number, e));
  const normed = e.each('divide', e.each('subtract', x.x, wide(x.mean)), wide(deviation));
  const scaled = x.scale === undefined ? normed : e.each('multiply', normed, wide(x.scale));
  return x.offset === undefined ? scaled : e.each('add', scaled, wide(x.offset));
};

export const elementwise: Operators = {
  ...tableOf(
    unaryNames,
    (name) =>
      ({ x, emitter }) =>
        emitter.each(name, Object.values(x)[0]),
  ),
  ...tableOf(binaryNames, (name) => (kernel) => kernel.emitter.each(name, ...pair(kernel))),
  ...tableOf(comparisons, (name) => (kernel) => kernel.emitter.compare(name, ...pair(kernel))),
  ...formed,
  ...arithmetic,
  FusedBatchNorm: normalize,
};
