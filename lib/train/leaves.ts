/**
 * The leaves of a tree as one matrix, the form that optimizers compute with. A tree of fifty arrays costs an optimizer fifty
 * times its operations; the same numbers side by side cost them once. Each leaf begins a row of its own, so that what
 * differs from leaf to leaf (a rate, a mask, a norm) is a column [rows, 1] beside the matrix.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../data/array.js';
import { sizeOf } from '../data/array.js';
import { asTensor, type Leaf } from '../data/leaf.js';
import { sameShape, showShape } from '../data/shape.js';
import { expectTree } from '../data/weights.js';
import { flatten, selects, type Selection, type Tree, unflatten } from '../data/tree.js';
import { type PackAttributes, packRows, sumsOfRows, unpackRows } from '../engine/index.js';

/** Numbers in a row. Wider rows waste more on short leaves, narrower ones make columns longer. */
export const width = 64;

/** The place of one leaf. */
export interface Slot {
  /** `module/leaf`. */
  readonly path: string;
  readonly shape: Shape;
}

/** The places of all leaves, sorted by path; the order in which a tree lists its leaves changes nothing. */
export interface Layout extends PackAttributes {
  readonly slots: readonly Slot[];
}

const rowsOf = (shape: Shape): number => Math.ceil(sizeOf(shape) / width);

/** The layout of these slots, in their order. */
const layOut = (slots: readonly Slot[]): Layout => {
  let rows = 0;
  const starts = slots.map(({ shape }) => {
    const start = rows;
    rows += rowsOf(shape);
    return start;
  });
  return { slots, shapes: slots.map(({ shape }) => shape), starts, rows, width };
};

const byPath = (a: Slot, b: Slot): number => (a.path < b.path ? -1 : 1);

/**
 * The layout of a tree's leaves.
 * @throws TypeError for what is no tree of arrays; RangeError where a leaf is not of floats, has no elements, or there is no leaf at all
 */
export const layoutOf = (tree: Tree<Pick<Leaf, 'shape' | 'dtype'>>): Layout => {
  expectTree('layoutOf: the tree is', tree);
  const entries = flatten(tree);
  const wrong = entries.filter(([, { shape, dtype }]) => !/float/.test(dtype) || sizeOf(shape) === 0);
  if (wrong.length > 0) {
    const found = wrong.map(([path, { shape, dtype }]) => `${path} is ${dtype} ${showShape(shape)}`);
    throw new RangeError(`only arrays of floats with elements can be trained; ${found.join('; ')}`);
  }
  if (entries.length === 0) throw new RangeError('a tree without leaves has nothing to train');
  return layOut(entries.map(([path, { shape }]) => ({ path, shape })).sort(byPath));
};

/** The leaves of a tree, side by side. */
export class Leaves {
  readonly #layout: Layout;

  constructor(
    layout: Layout,
    /** [rows, 64] float32; zeros behind the end of each leaf. */
    readonly matrix: tf.Tensor,
  ) {
    this.#layout = layout;
  }

  // A private field, because whoever looks for tensors in an object looks through all of the others.
  get layout(): Layout {
    return this.#layout;
  }

  /** Other numbers in the same places. */
  with(matrix: tf.Tensor): Leaves {
    return new Leaves(this.layout, matrix);
  }
}

/** Zeros for each leaf. */
export const zeros = (layout: Layout): Leaves => new Leaves(layout, tf.zeros([layout.rows, width]));

/** A number for each leaf's every element. */
export const filled = (layout: Layout, value: number): Leaves =>
  value === 0
    ? zeros(layout)
    : pack(unflatten(layout.slots.map(({ path, shape }) => [path, tf.fill([...shape], value)])));

/**
 * The leaves of a tree as one matrix. The tensors are the caller's to free, as any tensor is.
 * @param layout  the places, if they are known; the tree's own if not given
 * @throws TypeError for what is no tree of arrays; Error where the tree lacks a leaf of the layout, or has it in another shape
 */
export const pack = (tree: Tree<Leaf>, layout: Layout = layoutOf(tree)): Leaves => {
  expectTree('pack: the tree is', tree);
  const found = new Map(flatten(tree));
  const arrays = layout.slots.map(({ path, shape }) => {
    const leaf = found.get(path);
    if (!leaf) throw new Error(`there is no leaf '${path}'`);
    if (!sameShape(leaf.shape, shape))
      throw new Error(`leaf '${path}' is ${showShape(leaf.shape)}, expected ${showShape(shape)}`);
    return asTensor(leaf);
  });
  return new Leaves(layout, packRows(arrays, layout));
};

/** The tree of packed leaves: new tensors, sorted by path. */
export const unpack = ({ layout, matrix }: Leaves): Tree<tf.Tensor> => {
  const arrays = unpackRows(matrix, layout);
  return unflatten(layout.slots.map(({ path }, i) => [path, arrays[i]]));
};

/** The number of the leaf that each row belongs to, for each layout. */
const owners = new WeakMap<Layout, Int32Array>();

const ownersOf = (layout: Layout): Int32Array => {
  const known = owners.get(layout);
  if (known) return known;
  const ids = new Int32Array(layout.rows);
  layout.starts.forEach((start, i) => ids.fill(i, start, layout.starts[i + 1] ?? layout.rows));
  owners.set(layout, ids);
  return ids;
};

/** One number for each leaf [leaves], as a column [rows, 1] that broadcasts over its rows. */
export const column = (layout: Layout, perLeaf: tf.Tensor): tf.Tensor =>
  tf.reshape(tf.gather(perLeaf, tf.tensor1d(ownersOf(layout), 'int32')), [layout.rows, 1]);

/** 1 in the rows of the selected leaves, 0 in the others: [rows, 1]. */
export const mask = (layout: Layout, selection: Selection): tf.Tensor => {
  const isSelected = selects(selection);
  const flags = layout.slots.map(({ path }) => (isSelected(path) ? 1 : 0));
  return tf.tensor2d(
    Float32Array.from(ownersOf(layout), (i) => flags[i]),
    [layout.rows, 1],
  );
};

/** The sum of each leaf's elements: [leaves]. */
export const sums = ({ layout, matrix }: Leaves): tf.Tensor => sumsOfRows(matrix, layout);

/** The number of each leaf's elements: [leaves]. */
export const sizes = ({ slots }: Layout): tf.Tensor =>
  tf.tensor1d(
    slots.map(({ shape }) => sizeOf(shape)),
    'float32',
  );

/** A part of the leaves, with the rows that they have in the whole. */
export interface Part {
  readonly layout: Layout;
  readonly rows: Int32Array;
}

/** The selected leaves of a layout. */
export const partOf = (layout: Layout, selection: Selection): Part => {
  const isSelected = selects(selection);
  const slots = layout.slots.filter(({ path }) => isSelected(path));
  const flags = layout.slots.map(({ path }) => isSelected(path));
  const owner = ownersOf(layout);
  const rows = Int32Array.from(owner.keys()).filter((row) => flags[owner[row]]);
  return { layout: layOut(slots), rows };
};

/** The numbers of a part of the leaves. */
export const take = (leaves: Leaves, { layout, rows }: Part): Leaves =>
  new Leaves(layout, tf.gather(leaves.matrix, tf.tensor1d(rows, 'int32')));

/** The whole of parts that have every row between them. */
export const join = (layout: Layout, parts: readonly (readonly [Part, Leaves])[]): Leaves => {
  const places = new Int32Array(layout.rows);
  let next = 0;
  for (const [{ rows }] of parts) rows.forEach((row) => (places[row] = next++));
  const all = tf.concat(parts.map(([, { matrix }]) => matrix));
  return new Leaves(layout, tf.gather(all, tf.tensor1d(places, 'int32')));
};
