/**
 * Derivatives of the kernels that rearrange, join and cut: each puts the cotangent back where its elements came
 * from.
 */
import * as tf from '@tensorflow/tfjs-core';
import { inverse } from './reductions.js';
import { rule, ruleOfMany } from './rule.js';
import { spread } from './spread.js';

type T = tf.Tensor;

/** Widths of zeros around a slice of a tensor of that shape. */
const margins = (shape: readonly number[], begin: readonly number[], size: readonly number[]) =>
  shape.map((n, i) => [begin[i], n - begin[i] - size[i]] as [number, number]);

const along = (rank: number, axis: number, value: number, others: number): number[] =>
  Array.from({ length: rank }, (_, i) => (i === axis ? value : others));

/** The part of dy that came from the input at `index`. */
const partOf = (dy: T, inputs: readonly T[], index: number, axis: number): T => {
  const start = inputs.slice(0, index).reduce((sum, { shape }) => sum + shape[axis], 0);
  return tf.slice(dy, along(dy.rank, axis, start, 0), inputs[index].shape);
};

/** Undoes a strided slice along each axis: turned back, spread out, and placed among zeros. */
const placed = (dy: T, shape: number[], begin: number[], strides: number[]): T => {
  const backwards = strides.flatMap((stride, axis) => (stride < 0 ? [axis] : []));
  const forwards = backwards.length > 0 ? tf.reverse(dy, backwards) : dy;
  const wide = spread(forwards, strides.map(Math.abs));
  // A backwards slice begins where, turned around, it ends.
  const first = begin.map((b, axis) => (strides[axis] < 0 ? b + strides[axis] * (dy.shape[axis] - 1) : b));
  return tf.pad(wide, margins(shape, first, wide.shape));
};

const unstrided = (dy: T, x: T, a: tf.StridedSliceAttrs): T => {
  if (dy.size === 0) return tf.zeros(x.shape);
  const masks = [a.beginMask, a.endMask, a.ellipsisMask, a.newAxisMask, a.shrinkAxisMask] as const;
  const info = tf.slice_util.sliceInfo(x.shape, a.begin, a.end, a.strides, ...masks);
  const extent = tf.slice_util.computeOutShape(info.begin, info.end, info.strides);
  return placed(tf.reshape(dy, extent), x.shape, info.begin, info.strides);
};

/** Adds the mirrored margins of one axis back onto what they mirror. */
const folded = (dy: T, axis: number, [before, after]: [number, number], offset: number): T => {
  const size = dy.shape[axis] - before - after;
  const cut = (start: number, length: number): T =>
    tf.slice(dy, along(dy.rank, axis, start, 0), dy.shape.with(axis, length));
  const onto = (part: T, start: number): T =>
    tf.pad(
      tf.reverse(part, axis),
      margins(dy.shape.with(axis, size), along(dy.rank, axis, start, 0), part.shape),
    );
  const left = onto(cut(0, before), offset);
  const right = onto(cut(before + size, after), size - offset - after);
  return tf.addN([cut(before, size), left, right]);
};

const unmirrored = (dy: T, { paddings, mode }: tf.MirrorPadAttrs): T =>
  paddings.reduce(
    (folding, margin, axis) =>
      margin[0] + margin[1] > 0 ? folded(folding, axis, margin, mode === 'reflect' ? 1 : 0) : folding,
    tf.clone(dy),
  );

/** Sums the copies: [r₀·n₀, r₁·n₁, …] -> [r₀, n₀, r₁, n₁, …] -> [n₀, n₁, …] */
const untiled = (dy: T, shape: number[], reps: number[]): T => {
  const copies = shape.flatMap((n, i) => (reps[i] === 1 ? [n] : [reps[i], n]));
  const axes: number[] = [];
  shape.reduce((axis, _, i) => (reps[i] === 1 ? axis + 1 : (axes.push(axis), axis + 2)), 0);
  return tf.reshape(axes.length > 0 ? tf.sum(tf.reshape(dy, copies), axes) : dy, shape);
};

/** [B, H·s, W·s, C] -> [B, H, W, s·s·C] */
const spaceToDepth = (dy: T, [batch, height, width, depth]: number[], size: number): T =>
  tf.reshape(tf.transpose(tf.reshape(dy, [batch, height, size, width, size, -1]), [0, 1, 3, 2, 4, 5]), [
    batch,
    height,
    width,
    depth,
  ]);

const reshaping: readonly tf.GradConfig[] = [
  rule(tf.Reshape, { inputs: ['x'] }, (dy, [x]) => ({ x: () => tf.reshape(dy, x.shape) })),
  rule(tf.ExpandDims, { inputs: ['input'] }, (dy, [x]) => ({ input: () => tf.reshape(dy, x.shape) })),
  rule<tf.TransposeAttrs>(tf.Transpose, {}, (dy, _, { perm }) => ({
    x: () => tf.transpose(dy, inverse(perm)),
  })),
  rule<tf.ReverseAttrs>(tf.Reverse, {}, (dy, _, { dims }) => ({ x: () => tf.reverse(dy, dims) })),
  rule<tf.DepthToSpaceAttrs>(tf.DepthToSpace, { inputs: ['x'] }, (dy, [x], { blockSize }) => ({
    x: () => spaceToDepth(dy, x.shape, blockSize),
  })),
  rule<tf.SpaceToBatchNDAttrs>(tf.SpaceToBatchND, {}, (dy, _, { blockShape, paddings }) => ({
    x: () => tf.batchToSpaceND(dy, blockShape, paddings),
  })),
  rule<tf.BatchToSpaceNDAttrs>(tf.BatchToSpaceND, {}, (dy, _, { blockShape, crops }) => ({
    x: () => tf.spaceToBatchND(dy, blockShape, crops),
  })),
  rule(tf.Diag, { inputs: ['x'] }, (dy, [x]) => ({
    x: () => tf.reshape(tf.stridedSlice(tf.reshape(dy, [-1]), [0], [x.size ** 2], [x.size + 1]), x.shape),
  })),
];

const joining: readonly tf.GradConfig[] = [
  rule<tf.ConcatAttrs>(tf.Concat, { allInputs: true }, (dy, inputs, attrs) => {
    const axis = tf.util.parseAxisParam(attrs.axis, dy.shape)[0];
    return Object.fromEntries(inputs.map((_, i) => [i, () => partOf(dy, inputs, i, axis)]));
  }),
  rule<tf.PackAttrs>(tf.Pack, { allInputs: true }, (dy, inputs, attrs) => {
    const axis = tf.util.parseAxisParam(attrs.axis, dy.shape)[0];
    const size = along(dy.rank, axis, 1, -1);
    const layer = (i: number): T => tf.slice(dy, along(dy.rank, axis, i, 0), size);
    return Object.fromEntries(inputs.map((x, i) => [i, () => tf.reshape(layer(i), x.shape)]));
  }),
  rule<tf.TileAttrs>(tf.Tile, { inputs: ['x'] }, (dy, [x], { reps }) => ({
    x: () => untiled(dy, x.shape, reps),
  })),
  rule<tf.PadV2Attrs>(tf.PadV2, { inputs: ['x'] }, (dy, [x], { paddings }) => ({
    x: () =>
      tf.slice(
        dy,
        paddings.map(([before]) => before),
        x.shape,
      ),
  })),
  rule<tf.MirrorPadAttrs>(tf.MirrorPad, {}, (dy, _, attrs) => ({ x: () => unmirrored(dy, attrs) })),
];

const cutting: readonly tf.GradConfig[] = [
  rule<tf.SliceAttrs>(tf.Slice, { inputs: ['x'] }, (dy, [x], { begin, size }) => ({
    x: () => {
      const [first, extent] = tf.slice_util.parseSliceParams(x, begin, size);
      return tf.pad(dy, margins(x.shape, first, extent));
    },
  })),
  rule<tf.StridedSliceAttrs>(tf.StridedSlice, { inputs: ['x'] }, (dy, [x], attrs) => ({
    x: () => unstrided(dy, x, attrs),
  })),
  ruleOfMany<tf.SplitVAttrs>(tf.SplitV, {}, (dys, _, { axis }) => ({ x: () => tf.concat(dys, axis) })),
  ruleOfMany<tf.UnpackAttrs>(tf.Unpack, {}, (dys, _, { axis }) => ({ value: () => tf.stack(dys, axis) })),
];

export const arrangement = [...reshaping, ...joining, ...cutting];
