/**
 * Kernels that work element by element.
 */
import { float } from '../emitter.js';
import { dataTypes, type ElementType } from '../tensor.js';
import { forEach, type Operator, type Operators, type Written } from './operator.js';

const same =
  (op: string, attributes = {}): Operator =>
  ({ x, emitter }) =>
    emitter.op(op, Object.values(x), attributes);

const unary: Operators = {
  ...forEach(
    [
      ...['Abs', 'Ceil', 'Floor', 'Neg', 'Round', 'Sign', 'Exp', 'Log', 'Sqrt', 'Reciprocal', 'Erf'],
      ...['Sin', 'Cos', 'Tan', 'Asin', 'Acos', 'Atan', 'Sinh', 'Cosh', 'Tanh', 'Asinh', 'Acosh', 'Atanh'],
      ...['Relu', 'Sigmoid', 'Softplus', 'Selu', 'Identity'],
    ],
    (kernel) => same(kernel),
  ),
  LogicalNot: same('Not'),
  IsNan: same('IsNaN'),
  IsInf: same('IsInf'),
  Elu: same('Elu', { alpha: float(1) }),
  Square: ({ x, emitter }) => emitter.op('Mul', [x.x, x.x]),
  Rsqrt: ({ x, emitter }) => emitter.op('Reciprocal', [emitter.op('Sqrt', [x.x])]),
  Expm1: ({ x, emitter }) => emitter.op('Sub', [emitter.op('Exp', [x.x]), emitter.scalar(1)]),
  Log1p: ({ x, emitter }) => emitter.op('Log', [emitter.op('Add', [x.x, emitter.scalar(1)])]),
  IsFinite: ({ x, emitter }) =>
    emitter.op('Not', [emitter.op('Or', [emitter.op('IsNaN', [x.x]), emitter.op('IsInf', [x.x])])]),
  Relu6: ({ x, emitter }) => emitter.op('Clip', [x.x, emitter.scalar(0), emitter.scalar(6)]),
  LeakyRelu: ({ x, attrs, emitter }) =>
    emitter.op('LeakyRelu', [x.x], { alpha: float(attrs.alpha as number) }),
  Prelu: ({ x, emitter }) => emitter.op('PRelu', [x.x, x.alpha]),
  Step: ({ x, attrs, emitter }) => {
    const [zero, one] = [emitter.scalar(0), emitter.scalar(1)];
    const stepped = emitter.op('Where', [
      emitter.op('Greater', [x.x, zero]),
      one,
      emitter.scalar(attrs.alpha as number),
    ]);
    // NaN stays NaN.
    return emitter.op('Where', [emitter.op('IsNaN', [x.x]), x.x, stepped]);
  },
  ClipByValue: ({ x, attrs, node, emitter }) => {
    const type = node.outputs[0].dtype;
    const bound = (name: string) => emitter.scalar(attrs[name] as number, type);
    return emitter.op('Clip', [x.x, bound('clipValueMin'), bound('clipValueMax')]);
  },
};

/** Written by `Cast`. */
export const cast = (emitter: Written['emitter'], x: string, type: ElementType): string =>
  emitter.op('Cast', [x], { to: dataTypes[type] });

const arithmetic: Operators = {
  Add: same('Add'),
  Sub: same('Sub'),
  Multiply: same('Mul'),
  RealDiv: same('Div'),
  Pow: same('Pow'),
  Maximum: same('Max'),
  Minimum: same('Min'),
  AddN: same('Sum'),
  BitwiseAnd: same('BitwiseAnd'),
  SquaredDifference: ({ x, emitter }) => {
    const difference = emitter.op('Sub', [x.a, x.b]);
    return emitter.op('Mul', [difference, difference]);
  },
  // ONNX divides whole numbers towards zero; float64 holds every int32.
  FloorDiv: ({ x, node, emitter }) => {
    const type = node.outputs[0].dtype;
    const [a, b] = type === 'int32' ? [x.a, x.b].map((each) => cast(emitter, each, 'float64')) : [x.a, x.b];
    const quotient = emitter.op('Floor', [emitter.op('Div', [a, b])]);
    return type === 'int32' ? cast(emitter, quotient, 'int32') : quotient;
  },
  Atan2: ({ x, emitter }) => {
    const [zero, half] = [emitter.scalar(0), emitter.scalar(Math.PI / 2)];
    const angle = emitter.op('Atan', [emitter.op('Div', [x.a, x.b])]);
    const isBelow = emitter.op('Less', [x.a, zero]);
    const turn = emitter.op('Where', [isBelow, emitter.scalar(-Math.PI), emitter.scalar(Math.PI)]);
    const left = emitter.op('Add', [angle, turn]);
    const onAxis = emitter.op('Mul', [emitter.op('Sign', [x.a]), half]);
    const aside = emitter.op('Where', [emitter.op('Less', [x.b, zero]), left, angle]);
    return emitter.op('Where', [emitter.op('Equal', [x.b, zero]), onAxis, aside]);
  },
  // The result has the divisor's sign, in tfjs as in ONNX for whole numbers.
  Mod: ({ x, node, emitter }) => {
    if (node.outputs[0].dtype === 'int32') return emitter.op('Mod', [x.a, x.b]);
    const rest = emitter.op('Mod', [x.a, x.b], { fmod: 1 });
    return emitter.op('Mod', [emitter.op('Add', [rest, x.b]), x.b], { fmod: 1 });
  },
};

/** (x − mean) / √(variance + epsilon) · scale + offset, for each channel. */
const normalize: Operator = ({ x, attrs, emitter }) => {
  const shifted = emitter.op('Add', [x.variance, emitter.scalar(attrs.varianceEpsilon as number)]);
  const deviation = emitter.op('Sqrt', [shifted]);
  const normed = emitter.op('Div', [emitter.op('Sub', [x.x, x.mean]), deviation]);
  const scaled = x.scale === undefined ? normed : emitter.op('Mul', [normed, x.scale]);
  return x.offset === undefined ? scaled : emitter.op('Add', [scaled, x.offset]);
};

/** ONNX orders numbers only. */
const compare =
  (op: string): Operator =>
  ({ x, node, emitter }) => {
    const isBool = node.inputs.a.dtype === 'bool';
    return emitter.op(
      op,
      [x.a, x.b].map((each) => (isBool ? cast(emitter, each, 'int32') : each)),
    );
  };

const logic: Operators = {
  Equal: same('Equal'),
  NotEqual: ({ x, emitter }) => emitter.op('Not', [emitter.op('Equal', [x.a, x.b])]),
  Greater: compare('Greater'),
  GreaterEqual: compare('GreaterOrEqual'),
  Less: compare('Less'),
  LessEqual: compare('LessOrEqual'),
  LogicalAnd: same('And'),
  LogicalOr: same('Or'),
  LogicalXor: same('Xor'),
  // onnxruntime chooses between numbers only.
  Select: ({ x, node, emitter }) => {
    if (node.outputs[0].dtype !== 'bool') return emitter.op('Where', [x.condition, x.t, x.e]);
    const other = emitter.op('And', [emitter.op('Not', [x.condition]), x.e]);
    return emitter.op('Or', [emitter.op('And', [x.condition, x.t]), other]);
  },
  Cast: ({ x, node, emitter }) => cast(emitter, x.x, node.outputs[0].dtype),
};

export const elementwise: Operators = { ...unary, ...arithmetic, ...logic, FusedBatchNorm: normalize };
