/**
 * Kernels that reduce axes, or go along one.
 */
import { cast } from './elementwise.js';
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
  return reduce('ReduceMean')(isFloat ? kernel : { ...kernel, x: { x: cast(emitter, x.x, 'float32') } });
};

const place =
  (op: string): Operator =>
  (kernel) => {
    const { x, emitter } = kernel;
    const [axis] = axesOf(kernel);
    return cast(emitter, emitter.op(op, [x.x], { axis, keepdims: 0 }), 'int32');
  };

export const reductions: Operators = {
  ...forEach(['Sum', 'Max', 'Min', 'Prod'], (kernel) => reduce(`Reduce${kernel}`)),
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
  TopK: ({ x, attrs, emitter }) => {
    const { k, sorted } = attrs as { k: number; sorted: boolean };
    const [values, places] = emitter.emit('TopK', [x.x, emitter.sizes([k])], { sorted: sorted ? 1 : 0 }, 2);
    return [values, cast(emitter, places, 'int32')];
  },
};
