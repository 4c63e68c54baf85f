/**
 * Kernels that rearrange elements: reshape, join, cut, pad.
 */
import { addSizes, isSymbolic, type Size } from '../../graph/size.js';
import { slicesOf } from '../../graph/slices.js';
import type { Emitter } from '../emitter.js';
import { elementTypeOf, type Ref } from '../value.js';
import { axesOf, axisOf, type Operator, type Operators, rowOf, type Written } from './operator.js';
import { UnsupportedError } from '../../graph/unsupportedError.js';

const reshape: Operator = ({ x, out, emitter }) => emitter.reshape(Object.values(x)[0], out.shape);

/** Copies: an axis of its own for each axis' copies, before it. */
const tile: Operator = ({ x, attrs, out, emitter }) => {
  const { shape } = x.x;
  const reps = attrs.reps as readonly Size[];
  const apart = shape.flatMap((size, axis) => [reps[axis], size]);
  const places = shape.map((_, axis) => 2 * axis + 1);
  if (shape.every((size) => size === 1)) return emitter.broadcast(x.x, out.shape);
  return emitter.reshape(emitter.broadcast(x.x, apart, places), out.shape);
};

const slice: Operator = ({ x, attrs, out, emitter }) => {
  const given = [attrs.begin as Size | readonly Size[]].flat() as Size[];
  const starts = x.x.shape.map((_, axis) => given[axis] ?? 0);
  return emitter.slice(
    x.x,
    starts,
    starts.map((start, axis) => addSizes(start, out.shape[axis])),
    out.shape,
  );
};

/** The value with some axes turned around. */
const reversed = (e: Emitter, x: Ref, axes: readonly number[]): Ref =>
  axes.length === 0 ? x : e.op('reverse', [x], x, `, dims = [${axes.join(', ')}]`);

/** Elements of each axis as places that go up, turned around where they go down. */
const stridedSlice: Operator = ({ x, node, out, emitter }) => {
  const { strides, sizes } = slicesOf(node, emitter.multiples);
  const steps = strides.map(Math.abs);
  const cut = emitter.slice(x.x, sizes('low'), sizes('high'), sizes('count'), steps);
  const back = axesOf(strides.length).filter((axis) => strides[axis] < 0);
  return emitter.reshape(reversed(emitter, cut, back), out.shape);
};

const pad: Operator = ({ x, attrs, out, emitter }) => {
  const { paddings, constantValue } = attrs as { paddings: [Size, Size][]; constantValue: number };
  const [low, high] = [0, 1].map((end) => paddings.map((amounts) => amounts[end]));
  return emitter.pad(x.x, [low, high], out.shape, constantValue);
};

/** A mirrored part before each axis and one after it. */
const mirrorPad: Operator = ({ x, attrs, emitter: e }) => {
  const { paddings, mode } = attrs as { paddings: [number, number][]; mode: string };
  const offset = mode === 'reflect' ? 1 : 0;
  return paddings.reduce((whole, [before, after], axis) => {
    if (before === 0 && after === 0) return whole;
    const length = whole.shape[axis];
    const part = (start: Size, count: number): Ref => {
      const at = <A>(value: A, others: readonly A[]): A[] =>
        others.map((each, i) => (i === axis ? value : each));
      const shape = at<Size>(count, whole.shape);
      const starts = whole.shape.map((_, i) => (i === axis ? start : 0));
      return reversed(e, e.slice(whole, starts, at(addSizes(start, count), whole.shape), shape), [axis]);
    };
    const parts = [
      ...(before ? [part(offset, before)] : []),
      whole,
      ...(after ? [part(addSizes(length, -after - offset), after)] : []),
    ];
    const shape = whole.shape.map((size, i) => (i === axis ? addSizes(length, before + after) : size));
    return e.concatenate(parts, axis, shape);
  }, x.x);
};

const pack: Operator = (kernel) => {
  const { attrs, out, emitter } = kernel;
  const axis = axisOf(attrs.axis as number, out.shape.length);
  const single = out.shape.map((size, i) => (i === axis ? 1 : size));
  const parts = rowOf(kernel).map((part) => emitter.reshape(part, single));
  return emitter.concatenate(parts, axis, out.shape);
};

/** The parts of an axis, one after the other. */
const split = (e: Emitter, x: Ref, axis: number, sizes: readonly Size[]): Ref[] => {
  let start: Size = 0;
  return sizes.map((size) => {
    const end = addSizes(start, size);
    const starts = x.shape.map((_, i) => (i === axis ? start : 0));
    const ends = x.shape.map((whole, i) => (i === axis ? end : whole));
    const shape = x.shape.map((whole, i) => (i === axis ? size : whole));
    start = end;
    return e.slice(x, starts, ends, shape);
  });
};

const unpack: Operator = ({ x, attrs, node, emitter }) => {
  const axis = axisOf(attrs.axis as number, x.value.shape.length);
  const ones = node.outputs.map(() => 1);
  return split(emitter, x.value, axis, ones).map((part, i) => emitter.reshape(part, node.outputs[i].shape));
};

const splitV: Operator = ({ x, attrs, node, emitter }) => {
  const axis = axisOf(attrs.axis as number, x.x.shape.length);
  return split(
    emitter,
    x.x,
    axis,
    node.outputs.map(({ shape }) => shape[axis]),
  );
};

/** Blocks of channels become blocks of pixels. */
const depthToSpace: Operator = ({ x, attrs, out, emitter }) => {
  const block = attrs.blockSize as number;
  if (attrs.dataFormat === 'NCHW') throw new UnsupportedError('images in the order NCHW');
  const [B, H, W, C] = x.x.shape as [Size, number, number, number];
  const apart = emitter.reshape(x.x, [B, H, W, block, block, C / block ** 2]);
  return emitter.reshape(emitter.transpose(apart, [0, 1, 3, 2, 4, 5]), out.shape);
};

/** Numbers at equal steps. */
const range: Operator = ({ attrs, node, out, emitter: e }) => {
  const type = elementTypeOf(node.outputs[0].dtype);
  const { start, step } = attrs as { start: Size; step: Size };
  const wide = (size: Size): Ref =>
    isSymbolic(size)
      ? e.broadcast(e.convert(e.size(size), type), out.shape, [])
      : e.fill(size, { shape: out.shape, type });
  const places = e.iota({ shape: out.shape, type }, 0);
  return e.each('add', wide(start), e.each('multiply', places, wide(step)));
};

/** A number that is a size, or 1 through a size. */
const size: Operator = ({ attrs, out, emitter }) => {
  const number = emitter.convert(emitter.size(attrs.size as Size), out.type);
  const value = attrs.isInverse
    ? emitter.each('divide', emitter.fill(1, { shape: [], type: out.type }), number)
    : number;
  return emitter.broadcast(value, out.shape, []);
};

export const arrangement: Operators = {
  RengaSize: size,
  Range: range,
  Reshape: reshape,
  ExpandDims: reshape,
  Tile: tile,
  Slice: slice,
  StridedSlice: stridedSlice,
  PadV2: pad,
  MirrorPad: mirrorPad,
  Pack: pack,
  Unpack: unpack,
  SplitV: splitV,
  Reverse: ({ x, attrs, emitter }) =>
    reversed(
      emitter,
      x.x,
      [attrs.dims as number | number[]].flat().map((axis) => axisOf(axis, x.x.shape.length)),
    ),
  FlipLeftRight: ({ x, emitter }) => reversed(emitter, x.image, [2]),
  DepthToSpace: depthToSpace,
  Transpose: ({ x, attrs, emitter }) => emitter.transpose(x.x, attrs.perm as number[]),
  Concat: (kernel: Written) =>
    kernel.emitter.concatenate(
      rowOf(kernel),
      axisOf(kernel.attrs.axis as number, kernel.out.shape.length),
      kernel.out.shape,
    ),
  BroadcastTo: ({ x, out, emitter }) => emitter.broadcast(x.x, out.shape),
};
