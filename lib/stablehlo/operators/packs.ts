/**
 * Many arrays as one matrix and back, with the sum of each array: what a training step does to all small parameters at once.
 */
import { sizeOf } from '../../data/array.js';
import { lengthsOf, type PackAttributes } from '../../engine/index.js';
import type { Ref } from '../value.js';
import { type Operator, type Operators, rowOf, type Written } from './operator.js';

const attrsOf = ({ attrs }: Written): PackAttributes => attrs as unknown as PackAttributes;

const pack: Operator = (kernel) => {
  const { out, emitter: e } = kernel;
  const attrs = attrsOf(kernel);
  const lengths = lengthsOf(attrs);
  const rows = rowOf(kernel).map((x, i) => {
    const [size, length] = [sizeOf(attrs.shapes[i]), lengths[i]];
    return e.pad(e.reshape(x, [size]), [[0], [length - size]], [length]);
  });
  return e.reshape(e.concatenate(rows, 0, [attrs.rows * attrs.width]), out.shape);
};

/** The first numbers of each array's rows, flat. @param counts  the number for each array */
const rowsOf = (kernel: Written, counts: readonly number[]): readonly Ref[] => {
  const { x, emitter: e } = kernel;
  const { starts, rows, width } = attrsOf(kernel);
  const flat = e.reshape(x.x, [rows * width]);
  return starts.map((start, i) => e.slice(flat, [start * width], [start * width + counts[i]], [counts[i]]));
};

const unpack: Operator = (kernel) => {
  const { shapes } = attrsOf(kernel);
  return rowsOf(kernel, shapes.map(sizeOf)).map((row, i) => kernel.emitter.reshape(row, shapes[i]));
};

const sums: Operator = (kernel) => {
  const { out, emitter: e } = kernel;
  const rows = rowsOf(kernel, lengthsOf(attrsOf(kernel)));
  return e.concatenate(
    rows.map((row) => e.reshape(e.reduce(row, 'add', [0], 0), [1])),
    0,
    out.shape,
  );
};

export const packs: Operators = { RengaPack: pack, RengaUnpack: unpack, RengaSums: sums };
