/**
 * Many arrays as one matrix and back, the sum of each array, and the choice between two tensors: what a training step does to
 * all parameters at once.
 */
import { sizeOf } from '../../data/array.js';
import { lengthsOf, type PackAttributes } from '../../engine/index.js';
import type { Size } from '../../graph/size.js';
import { reshape, split } from './arrangement.js';
import type { Operator, Operators, Written } from './operator.js';
import { reductions } from './reductions.js';

const attrsOf = ({ attrs }: Written): PackAttributes => attrs as unknown as PackAttributes;

const flat = ({ emitter }: Written, x: string, shape: readonly Size[]): string =>
  reshape(emitter, x, shape, [sizeOf(shape as number[])]);

const pack: Operator = (kernel) => {
  const { x, node, emitter } = kernel;
  const attrs = attrsOf(kernel);
  const lengths = lengthsOf(attrs);
  const padded = Object.keys(x).map((name, i) => {
    const { shape } = node.inputs[name];
    const missing = lengths[i] - sizeOf(shape as number[]);
    const row = flat(kernel, x[name], shape);
    return missing === 0
      ? row
      : emitter.op('Pad', [row, emitter.sizes([0, missing]), emitter.scalar(0, node.outputs[0].dtype)]);
  });
  const all = emitter.op('Concat', padded, { axis: 0 });
  return reshape(emitter, all, [attrs.rows * attrs.width], [attrs.rows, attrs.width]);
};

/** The rows of each array, flat: as many parts as there are arrays. */
const rowsOf = (kernel: Written): readonly string[] => {
  const attrs = attrsOf(kernel);
  return split(kernel, flat(kernel, kernel.x.x, [attrs.rows, attrs.width]), 0, lengthsOf(attrs));
};

const unpack: Operator = (kernel) => {
  const { emitter } = kernel;
  const { shapes, ...attrs } = attrsOf(kernel);
  const lengths = lengthsOf({ shapes, ...attrs });
  return rowsOf(kernel).map((row, i) => {
    const size = sizeOf(shapes[i]);
    const own =
      size === lengths[i]
        ? row
        : emitter.op('Slice', [row, emitter.sizes([0]), emitter.sizes([size]), emitter.sizes([0])]);
    return reshape(emitter, own, [size], shapes[i]);
  });
};

/** Sums as any others: long ones in groups. */
const sums: Operator = (kernel) => {
  const { emitter, node } = kernel;
  const lengths = lengthsOf(attrsOf(kernel));
  const each = rowsOf(kernel).map((row, i) => {
    const inputs = { x: { ...node.inputs.x, shape: [lengths[i]] } };
    const outputs = [{ shape: [1], dtype: node.outputs[0].dtype }];
    const attrs = { axis: [0], keepDims: true };
    return reductions.Sum({ ...kernel, x: { x: row }, attrs, node: { ...node, inputs, outputs } }) as string;
  });
  return emitter.op('Concat', each, { axis: 0 });
};

export const packs: Operators = {
  RengaPack: pack,
  RengaUnpack: unpack,
  RengaSums: sums,
  RengaChoose: ({ x, emitter }) => emitter.op('Where', [x.flag, x.yes, x.no]),
};
