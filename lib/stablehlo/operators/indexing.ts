/**
 * Kernels that look up and put down by indices. Places outside of an array are moved to its ends, or left out of sums.
 */
import type { Size } from '../../graph/size.js';
import type { Emitter } from '../emitter.js';
import { isOpen, list, type Ref, typeText } from '../value.js';
import { axesOf, axisOf, type Operator, type Operators } from './operator.js';
import { UnsupportedError } from '../../graph/unsupportedError.js';

/** The axes of slices that are taken at places. */
interface Lookup {
  /** Axes of the result that are axes of a slice. */
  readonly offsets: readonly number[];
  /** Axes of the array that each index is a place along, and the slice has no more. */
  readonly places: readonly number[];
  /** The axis of the indices that holds the places of one slice; their rank where each is of one place. */
  readonly vector: number;
}

export const lookUp = (
  e: Emitter,
  x: Ref,
  indices: Ref,
  { offsets, places, vector }: Lookup,
  shape: readonly Size[],
): Ref => {
  const sizes = x.shape.map((size, axis) => (places.includes(axis) ? 1 : size));
  const numbers = [
    `offset_dims = ${list(offsets)}`,
    `collapsed_slice_dims = ${list(places)}`,
    `start_index_map = ${list(places)}`,
    `index_vector_dim = ${vector}`,
  ];
  const dims = `dimension_numbers = #stablehlo.gather<${numbers.join(', ')}>`;
  const result = [{ shape, type: x.type }];
  if (!isOpen(sizes)) {
    const text = `"stablehlo.gather"(${x.name}, ${indices.name}) {${dims}, slice_sizes = array<i64: ${sizes.join(', ')}>}`;
    return e.ops(text, [x, indices], result)[0];
  }
  const counts = e.sizes(sizes);
  const text = `"stablehlo.dynamic_gather"(${x.name}, ${indices.name}, ${counts.name}) {${dims}}`;
  return e.ops(text, [x, indices, counts], result)[0];
};

/** Indices with the place of their own example before each: [batch…, n] to [batch…, n, axes]. */
const withBatch = (e: Emitter, indices: Ref, batchDims: number): Ref => {
  const rank = indices.shape.length;
  const column = [...indices.shape, 1];
  const columns = axesOf(batchDims).map((axis) => e.reshape(e.iota(indices, axis), column));
  return e.concatenate([...columns, e.reshape(indices, column)], rank, [...indices.shape, batchDims + 1]);
};

/** Indices that count from the end of an axis where they are negative, as JAX has them; those beyond the ends are the ends. */
const fromEitherEnd = (e: Emitter, indices: Ref, size: Size): Ref => {
  const { shape } = indices;
  const sizes = e.broadcast(e.reshape(e.sizes([size]), []), shape, []);
  const isNegative = e.compare('LT', indices, e.fill(0, indices));
  return e.select(isNegative, e.op('add', [indices, sizes], indices), indices);
};

const gather: Operator = ({ x: given, attrs, out, emitter: e }) => {
  const axis = axisOf((attrs.axis as number) ?? 0, given.x.shape.length);
  const x = { x: given.x, indices: fromEitherEnd(e, given.indices, given.x.shape[axis]) };
  const batchDims = (attrs.batchDims as number | undefined) ?? 0;
  const rank = x.indices.shape.length;
  const isOffset = (at: number): boolean => at < axis || at >= axis + rank;
  if (batchDims === 0) {
    const offsets = axesOf(out.shape.length).filter(isOffset);
    return lookUp(e, x.x, x.indices, { offsets, places: [axis], vector: rank }, out.shape);
  }
  if (axis !== batchDims)
    throw new UnsupportedError('gathering along another axis than that after the batch');
  const offsets = axesOf(out.shape.length).slice(rank);
  const found = { offsets, places: axesOf(batchDims + 1), vector: rank };
  return lookUp(e, x.x, withBatch(e, x.indices, batchDims), found, out.shape);
};

const gatherNd: Operator = ({ x, out, emitter: e }) => {
  const { params, indices } = x;
  const rank = indices.shape.length;
  const places = axesOf(indices.shape[rank - 1] as number);
  return lookUp(
    e,
    params,
    indices,
    { offsets: axesOf(out.shape.length).slice(rank - 1), places, vector: rank - 1 },
    out.shape,
  );
};

/** Updates put down on an array, added up or in the place of what was there. */
const putDown = (
  e: Emitter,
  [base, indices, updates]: readonly [Ref, Ref, Ref],
  {
    places,
    vector,
    isAdded,
  }: { readonly places: readonly number[]; readonly vector: number; readonly isAdded: boolean },
): Ref => {
  const scalar = typeText({ shape: [], type: base.type });
  const rank = vector; // of the axes of updates that are not of a slice
  const numbers = [
    `update_window_dims = ${list(axesOf(updates.shape.length).slice(rank))}`,
    `inserted_window_dims = ${list(places)}`,
    `scatter_dims_to_operand_dims = ${list(places)}`,
    `index_vector_dim = ${vector}`,
  ];
  const region = isAdded
    ? e.region(base.type === 'i1' ? 'or' : 'add', scalar)
    : `{ ^bb0(%a: ${scalar}, %b: ${scalar}): stablehlo.return %b : ${scalar} }`;
  return e.ops(
    `"stablehlo.scatter"(${base.name}, ${indices.name}, ${updates.name}) (${region}) {scatter_dimension_numbers = #stablehlo.scatter<${numbers.join(', ')}>, indices_are_sorted = false, unique_indices = false}`,
    [base, indices, updates],
    [base],
  )[0];
};

/** Places along the first axes, as many as each vector of indices has. */
const firstAxes = ({ shape }: Ref) => ({
  places: axesOf(shape[shape.length - 1] as number),
  vector: shape.length - 1,
});

/** One number where an index is the place along a last axis of its own, another elsewhere. */
const oneHot: Operator = ({ x, attrs, out, emitter: e }) => {
  const { onValue, offValue } = attrs as { onValue: number; offValue: number };
  const last = out.shape.length - 1;
  const places = e.iota({ shape: out.shape, type: 'i32' }, last);
  const isThere = e.compare('EQ', e.broadcast(x.indices, out.shape, axesOf(last)), places);
  return e.select(isThere, e.fill(onValue, out), e.fill(offValue, out));
};

export const indexing: Operators = {
  GatherV2: gather,
  GatherNd: gatherNd,
  OneHot: oneHot,
  ScatterNd: ({ x, out, emitter }) =>
    putDown(emitter, [emitter.fill(0, out), x.indices, x.updates], {
      ...firstAxes(x.indices),
      isAdded: true,
    }),
  TensorScatterUpdate: ({ x, emitter }) =>
    putDown(emitter, [x.tensor, x.indices, x.updates], { ...firstAxes(x.indices), isAdded: false }),
  UnsortedSegmentSum: ({ x, out, emitter }) =>
    putDown(emitter, [emitter.fill(0, out), x.segmentIds, x.x], {
      places: [0],
      vector: x.segmentIds.shape.length,
      isAdded: true,
    }),
};
