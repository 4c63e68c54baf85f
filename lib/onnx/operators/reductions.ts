/**
 * Kernels that reduce axes, or go along one.
 */
import { isSymbolic } from '../../graph/size.js';
import { reshape } from './arrangement.js';
import { cast } from './elementwise.js';
import { UnsupportedError } from '../../graph/unsupportedError.js';
import { axisOf, forEach, type Operator, type Operators, type Written } from './operator.js';

const rankOf = ({ node }: Written): number => Object.values(node.inputs)[0].shape.length;

/** Axes that a kernel reduces, from the front; all of them where none are named. */
const axesOf = (kernel: Written): number[] => {
  const rank = rankOf(kernel);
  const { axis, reductionIndices } = kernel.attrs as Record<'axis' | 'reductionIndices', number | number[]>;
  const given = axis ?? reductionIndices ?? [];
  const axes = [given].flat().map((axis) => axisOf(axis, rank));
  return axes.length ? axes : Array.from({ length: rank }, (_, axis) => axis);
};

/** 1 where reduced axes stay, of size 1. */
const keepsAxes = ({ attrs }: Written): number => (attrs.keepDims ? 1 : 0);

const reduce =
  (op: string): Operator =>
  (kernel) => {
    const { emitter, x, node } = kernel;
    // Sums of truth values count them.
    const isBool = node.inputs.x.dtype === 'bool' && node.outputs[0].dtype === 'int32';
    const numbers = isBool ? cast(emitter, x.x, 'int32') : x.x;
    return emitter.op(op, [numbers, emitter.sizes(axesOf(kernel))], { keepdims: keepsAxes(kernel) });
  };

/** The most elements that are added one after the other. */
const longest = 2048;

/** The largest divisor of a number that is at most 1,024. */
const groupOf = (n: number): number => {
  let size = Math.min(n, 1024);
  while (n % size !== 0) size--;
  return size;
};

/**
 * Sums and means. onnxruntime adds the elements of the last axes one after the other in float32, so that the sum of a
 * million has four correct digits; long ones are added in groups, and then the groups' sums.
 */
const inGroups =
  (op: string): Operator =>
  (kernel) => {
    const { emitter, node } = kernel;
    const { shape, dtype } = node.inputs.x;
    const axes = axesOf(kernel);
    let first = shape.length;
    while (axes.includes(first - 1)) first--;
    const [kept, last] = [shape.slice(0, first), shape.slice(first)];
    let length = last.reduce<number>((product, size) => product * (isSymbolic(size) ? 0 : size), 1);
    if (dtype !== 'float32' || length <= longest) return reduce(op)(kernel);
    let x = reshape(emitter, kernel.x.x, shape, [...kept, length]);
    for (let size = groupOf(length); length > longest && size >= 8; size = groupOf(length)) {
      const groups = reshape(emitter, x, [...kept, length], [...kept, length / size, size]);
      x = emitter.op(op, [groups, emitter.sizes([-1])], { keepdims: 0 });
      length /= size;
    }
    const left = [...axes.filter((axis) => axis < first), first];
    const result = emitter.op(op, [x, emitter.sizes(left)], { keepdims: 0 });
    const [{ shape: to }] = node.outputs;
    const from = kept.filter((_, axis) => !axes.includes(axis));
    return keepsAxes(kernel) ? reshape(emitter, result, from, to) : result;
  };

/** A row of ones, [1, n]. */
const ones = ({ emitter }: Written, n: number): string =>
  emitter.shared(`ones ${n}`, () => [emitter.op('Expand', [emitter.scalar(1), emitter.sizes([1, n])])])[0];

/**
 * Sums of all rows, [..., C] to [C], are a product with ones: onnxruntime takes a quarter to a half of the time for it, because
 * it reads the rows as they lie. Many rows are added in groups, as elements of the last axes are.
 */
const sum: Operator = (kernel) => {
  const { emitter, node, x } = kernel;
  const { shape, dtype } = node.inputs.x;
  const [axes, last] = [axesOf(kernel), shape.length - 1];
  const areRows = axes.length === last && !axes.includes(last) && !shape.some(isSymbolic);
  const rows = shape.slice(0, last).reduce<number>((product, size) => product * (size as number), 1);
  if (dtype !== 'float32' || !areRows || rows < 2 || shape[last] === 0) return inGroups('ReduceSum')(kernel);
  const C = shape[last];
  const times = (matrix: string, n: number): string => emitter.op('MatMul', [ones(kernel, n), matrix]);
  let [length, matrix] = [rows, last === 1 ? x.x : reshape(emitter, x.x, shape, [rows, C])];
  for (let size = groupOf(length); length > longest && size >= 8; size = groupOf(length)) {
    const groups = times(reshape(emitter, matrix, [length, C], [length / size, size, C]), size);
    matrix = reshape(emitter, groups, [length / size, 1, C], [length / size, C]);
    length /= size;
  }
  return reshape(emitter, times(matrix, length), [1, C], node.outputs[0].shape);
};

/** Of truth values ONNX has neither sum nor maximum: they are counted as 0 and 1. */
const ofTruths =
  (op: string): Operator =>
  (kernel) => {
    const { emitter, x } = kernel;
    const numbers = cast(emitter, x.x, 'int32');
    return cast(emitter, reduce(op)({ ...kernel, x: { x: numbers } }) as string, 'bool');
  };

const mean: Operator = (kernel) => {
  const { x, node, emitter } = kernel;
  const isFloat = node.inputs.x.dtype === 'float32';
  return inGroups('ReduceMean')(isFloat ? kernel : { ...kernel, x: { x: cast(emitter, x.x, 'float32') } });
};

const place =
  (op: string): Operator =>
  (kernel) => {
    const { x, emitter } = kernel;
    const [axis] = axesOf(kernel);
    return cast(emitter, emitter.op(op, [x.x], { axis, keepdims: 0 }), 'int32');
  };

/** Products up to each element: in step k each takes the product of the 2^k elements before. ONNX has sums only. */
const cumulativeProduct: Operator = ({ x, attrs, node, emitter }) => {
  const { shape, dtype } = node.inputs.x;
  const axis = axisOf(attrs.axis as number, shape.length);
  const length = shape[axis];
  if (isSymbolic(length)) throw new UnsupportedError('products along an axis of open size');
  const one = emitter.scalar(1, dtype);
  const amounts = (at: number, by: number): number[] =>
    Array.from({ length: 2 * shape.length }, (_, i) => (i === at ? by : 0));
  /** Moved away from the start of the products, with ones in the places that become free. */
  const moved = (y: string, by: number): string => {
    const [from, to] = attrs.reverse ? [by, length] : [0, length - by];
    const rest = emitter.op('Slice', [y, emitter.sizes([from]), emitter.sizes([to]), emitter.sizes([axis])]);
    const at = attrs.reverse ? shape.length + axis : axis;
    return emitter.op('Pad', [rest, emitter.sizes(amounts(at, by)), one]);
  };
  let products = attrs.exclusive ? moved(x.x, 1) : x.x;
  for (let by = 1; by < length; by *= 2) products = emitter.op('Mul', [products, moved(products, by)]);
  return products;
};

export const reductions: Operators = {
  Sum: sum,
  ...forEach(['Max', 'Min', 'Prod'], (kernel) => reduce(`Reduce${kernel}`)),
  Mean: mean,
  All: ofTruths('ReduceMin'),
  Any: ofTruths('ReduceMax'),
  ArgMax: place('ArgMax'),
  ArgMin: place('ArgMin'),
  Softmax: ({ x, attrs, emitter }) =>
    emitter.op('Softmax', [x.logits], { axis: (attrs.dim as number) ?? -1 }),
  Cumsum: ({ x, attrs, emitter }) =>
    emitter.op('CumSum', [x.x, emitter.scalar(attrs.axis as number, 'int64')], {
      exclusive: attrs.exclusive ? 1 : 0,
      reverse: attrs.reverse ? 1 : 0,
    }),
  Cumprod: cumulativeProduct,
  TopK: ({ x, attrs, emitter }) => {
    const { k, sorted } = attrs as { k: number; sorted: boolean };
    const [values, places] = emitter.emit('TopK', [x.x, emitter.sizes([k])], { sorted: sorted ? 1 : 0 }, 2);
    return [values, cast(emitter, places, 'int32')];
  },
};
