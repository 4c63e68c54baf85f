/**
 * Shapes of kernels that work element by element: unary ones keep the shape, binary ones broadcast.
 */
import * as tf from '@tensorflow/tfjs-core';
import { forEach, spec, type ShapeKernels, type Spec } from './kernel.js';

interface Unary {
  readonly x: Spec;
}
interface Binary {
  readonly a: Spec;
  readonly b: Spec;
}

const same = ({ x }: Unary): Spec => spec(x.shape, x.dtype);
const sameShape =
  (dtype: tf.DataType) =>
  ({ x }: Unary): Spec =>
    spec(x.shape, dtype);

const broadcast =
  (dtype?: tf.DataType) =>
  ({ a, b }: Binary): Spec =>
    spec(tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape), dtype ?? a.dtype);

const unary = [
  ...[tf.Abs, tf.Ceil, tf.ClipByValue, tf.Floor, tf.Neg, tf.Round, tf.Sign, tf.Step, tf.Square],
  ...[tf.Expm1, tf.Log, tf.Log1p, tf.Sqrt, tf.Rsqrt, tf.Reciprocal],
  ...[tf.Sin, tf.Cos, tf.Tan, tf.Asin, tf.Acos, tf.Atan],
  ...[tf.Sinh, tf.Cosh, tf.Tanh, tf.Asinh, tf.Acosh, tf.Atanh],
  ...[tf.Relu, tf.Relu6, tf.Elu, tf.Selu, tf.Sigmoid, tf.Softplus, tf.Erf, tf.Prelu],
  ...[tf.Identity, tf.ZerosLike, tf.OnesLike, tf.Reverse, tf.FusedBatchNorm, tf.LRN, tf.LRNGrad],
  tf.StaticRegexReplace,
];

const arithmetic = [
  ...[tf.Add, tf.Sub, tf.Multiply, tf.RealDiv, tf.FloorDiv, tf.Mod, tf.Pow, tf.SquaredDifference],
  ...[tf.Maximum, tf.Minimum, tf.Atan2, tf.BitwiseAnd],
];

const comparisons = [
  ...[tf.Equal, tf.NotEqual, tf.Greater, tf.GreaterEqual, tf.Less, tf.LessEqual],
  ...[tf.LogicalAnd, tf.LogicalOr, 'LogicalXor'],
];

export const elementwise: ShapeKernels = {
  ...forEach(unary, same),
  ...forEach([tf.IsNan, tf.IsInf, tf.IsFinite, tf.LogicalNot], sameShape('bool')),
  ...forEach([tf.ComplexAbs, tf.Exp, tf.LeakyRelu], sameShape('float32')),
  ...forEach(arithmetic, broadcast()),
  ...forEach(comparisons, broadcast('bool')),
  [tf.AddN]: (inputs: Spec[]) => spec(inputs[0].shape, inputs[0].dtype),
  [tf.Cast]: ({ x }: Unary, { dtype }: tf.CastAttrs) => spec(x.shape, dtype),
  [tf.EluGrad]: ({ dy }: { dy: Spec }) => spec(dy.shape, dy.dtype),
  [tf.Softmax]: ({ logits }: { logits: Spec }) => spec(logits.shape, logits.dtype),
  [tf.Select]: ({ t, e }: { t: Spec; e: Spec }) => spec(t.shape, tf.upcastType(t.dtype, e.dtype)),
  [tf.Complex]: ({ real }: { real: Spec }) => spec(real.shape, 'complex64'),
  ...forEach([tf.Real, tf.Imag], ({ input }: { input: Spec }) => spec(input.shape, 'float32')),
  ...forEach([tf.FFT, tf.IFFT], ({ input }: { input: Spec }) => spec(input.shape, input.dtype)),
  [tf.StringToHashBucketFast]: ({ input }: { input: Spec }) => spec(input.shape, 'int32'),
};
