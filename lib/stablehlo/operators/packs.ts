/**
 * Many arrays as one matrix and back, with the sum of each array: what a training step does to all small parameters at once.
 */
import { sizeOf } from '../../data/array.js';
import type { PackAttributes } from '../../engine/index.js';
import type { Ref } from '../value.js';
import { type Operator, type Operators, rowOf, type Written } from './operator.js';

const attrsOf = ({ attrs }: Written): PackAttributes => attrs as unknown as PackAttributes;

/** Numbers of the rows of array i, the padding behind its last one included. */
const lengthOf = ({ starts, rows, width }: PackAttributes, i: number): number =>
  ((starts[i + 1] ?? rows) - starts[i]) * width;

const pack: Operator = (kernel) => {
  const { out, emitter: e } = kernel;
  const attrs = attrsOf(kernel);
  const rows = rowOf(kernel).map((x, i) => {
    const [size, length] = [sizeOf(attrs.shapes[i]), lengthOf(attrs, i)];
    return e.pad(e.reshape(x, [size]), [[0], [length - size]], [length]);
  });
  return e.reshape(e.concatenate(rows, 0, [attrs.rows * attrs.width]), out.shape);
};

/** The first numbers of each array's rows, flat: as many as are asked for. */
const rowsOf = (kernel: Written, count: (i: number) => number): readonly Ref[] => {
  const { x, emitter: e } = kernel;
  const { starts, rows, width } = attrsOf(kernel);
  const flat = e.reshape(x.x, [rows * width]);
  return starts.map((start, i) => e.slice(flat, [start * width], [start * width + count(i)], [count(i)]));
};

const unpack: Operator = (kernel) => {
  const { shapes } = attrsOf(kernel);
  return rowsOf(kernel, (i) => sizeOf(shapes[i])).map((row, i) => kernel.emitter.reshape(row, shapes[i]));
};

const sums: Operator = (kernel) => {
  const { out, emitter: e } = kernel;
  const rows = rowsOf(kernel, (i) => lengthOf(attrsOf(kernel), i));
  return e.concatenate(
    rows.map((row) => e.reshape(e.reduce(row, 'add', [0], 0), [1])),
    0,
    out.shape,
  );
};

export const packs: Operators = { RengaPack: pack, RengaUnpack: unpack, RengaSums: sums };
