/**
 * Products of matrices.
 */
import type { Size } from '../../graph/size.js';
import { float } from '../emitter.js';
import { reshape } from './arrangement.js';
import { elementwise } from './elementwise.js';
import { type Operator, type Operators, rowOf, type Written } from './operator.js';
import { UnsupportedError } from '../../graph/unsupportedError.js';

/** A matrix, its last two axes swapped where that is asked for. */
const matrix = ({ emitter }: Written, x: string, shape: readonly Size[], isTransposed: unknown): string => {
  if (!isTransposed) return x;
  const axes = shape.map((_, axis) => axis);
  const [row, column] = axes.splice(-2);
  return emitter.op('Transpose', [x], { perm: [...axes, column, row] });
};

/**
 * aᵀ·b of matrices, as gradients of weights are. onnxruntime takes a transposed first operand up to a quarter longer than a
 * turned copy of it, but fuses the turning into the product, unless there is a reshape between them.
 */
const turnedProduct: Operator = ({ x, node, emitter }) => {
  const [rows, columns] = node.inputs.a.shape;
  const [turned] = emitter.shared(`turned ${x.a}`, () => [
    reshape(emitter, emitter.op('Transpose', [x.a], { perm: [1, 0] }), [columns, rows], [1, columns, rows]),
  ]);
  const [to] = node.outputs;
  return reshape(emitter, emitter.op('MatMul', [turned, x.b]), [1, ...to.shape], to.shape);
};

const matMul: Operator = (kernel) => {
  const { x, attrs, node, emitter } = kernel;
  const isOfMatrices = node.inputs.a.shape.length === 2 && node.inputs.b.shape.length === 2;
  if (isOfMatrices && attrs.transposeA && !attrs.transposeB) return turnedProduct(kernel);
  return emitter.op('MatMul', [
    matrix(kernel, x.a, node.inputs.a.shape, attrs.transposeA),
    matrix(kernel, x.b, node.inputs.b.shape, attrs.transposeB),
  ]);
};

const activations: Readonly<Record<string, string>> = {
  relu: 'Relu',
  relu6: 'Relu6',
  elu: 'Elu',
  sigmoid: 'Sigmoid',
  leakyrelu: 'LeakyRelu',
  prelu: 'Prelu',
};

/** The end of tfjs's fused kernels: the sum with a bias, and an activation. */
export const finish = (kernel: Written, product: string, bias = kernel.x.bias): string => {
  const { x, attrs, emitter } = kernel;
  const sum = bias ? emitter.op('Add', [product, bias]) : product;
  const activation = (attrs.activation as string | undefined) ?? 'linear';
  if (activation === 'linear') return sum;
  const operator = elementwise[activations[activation]];
  if (!operator) throw new UnsupportedError(`the activation ${activation}`);
  const slope = { alpha: attrs.leakyreluAlpha };
  return operator({
    ...kernel,
    attrs: slope,
    x: { x: sum, ...(x.preluActivationWeights ? { alpha: x.preluActivationWeights } : {}) },
  }) as string;
};

/** scale · (x·w + bias) as one operator, with the residual in the place of a bias that is not given, or by another. */
const affine: Operator = ({ x, attrs, emitter }) => {
  const scale = attrs.scale === undefined ? undefined : float(attrs.scale as number);
  const product = emitter.op('Gemm', [x.x, x.w, x.bias ?? x.residual], {
    transB: attrs.transposed ? 1 : undefined,
    alpha: scale,
    beta: x.bias === undefined ? undefined : scale,
  });
  return x.residual === undefined || x.bias === undefined
    ? product
    : emitter.op('Add', [product, x.residual]);
};

export const products: Operators = {
  RengaAffine: affine,
  BatchMatMul: matMul,
  _FusedMatMul: (kernel) => finish(kernel, matMul(kernel) as string),
  Einsum: (kernel) =>
    kernel.emitter.op('Einsum', rowOf(kernel), { equation: kernel.attrs.equation as string }),
};
