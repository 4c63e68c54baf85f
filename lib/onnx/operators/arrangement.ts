/**
 * Kernels that rearrange elements: reshape, join, cut, pad, gather.
 */
import { addSizes, isSymbolic, sameSize, type Size } from '../../graph/size.js';
import { slicesOf } from '../../graph/slices.js';
import { dataTypes } from '../tensor.js';
import { axisOf, type Operator, type Operators, rowOf, type Written } from './operator.js';
import { UnsupportedError } from '../../graph/unsupportedError.js';

const shapeOf = ({ node }: Written, input = 'x'): readonly Size[] => node.inputs[input].shape;

/**
 * A shape as `Reshape` takes it: 0 where an axis keeps its size, −1 where one is left to be worked out.
 */
const reshapeTo = (from: readonly Size[], to: readonly Size[]): readonly Size[] => {
  const open = to.map((size, axis) =>
    isSymbolic(size) && axis < from.length && sameSize(size, from[axis]) ? 0 : size,
  );
  const unknown = open.filter(isSymbolic);
  return unknown.length === 1 ? open.map((size) => (isSymbolic(size) ? -1 : size)) : open;
};

/** Written by `Reshape`. */
export const reshape = (
  emitter: Written['emitter'],
  x: string,
  from: readonly Size[],
  to: readonly Size[],
): string =>
  // Where a size is 0, zeros stand for themselves.
  to.includes(0)
    ? emitter.op('Reshape', [x, emitter.sizes(to)], { allowzero: 1 })
    : emitter.op('Reshape', [x, emitter.sizes(reshapeTo(from, to))]);

/** The most parts that one program writes: WebGPU gives every program eight arrays, one of which is taken apart. */
const mostParts = 7;

/** The parts of an axis, of these sizes. */
export const split = (
  { emitter }: Pick<Written, 'emitter'>,
  x: string,
  axis: number,
  sizes: readonly Size[],
): readonly string[] => {
  if (sizes.length === 1) return [x];
  if (sizes.length <= mostParts)
    return emitter.emit('Split', [x, emitter.sizes(sizes)], { axis }, sizes.length);
  let end: Size = 0;
  return sizes.map((size) => {
    const start = end;
    end = addSizes(start, size);
    return emitter.op('Slice', [x, ...[start, end, axis].map((place) => emitter.sizes([place]))]);
  });
};

const reshaped: Operator = ({ x, node, emitter }) => {
  const [input] = Object.values(node.inputs);
  return reshape(emitter, Object.values(x)[0], input.shape, node.outputs[0].shape);
};

/** Copies of axes of size 1 are views in most runtimes, others are copies. */
const tile: Operator = (kernel) => {
  const { x, attrs, node, emitter } = kernel;
  const reps = attrs.reps as readonly Size[];
  const isExpansion = shapeOf(kernel).every((size, axis) => size === 1 || reps[axis] === 1);
  return isExpansion
    ? emitter.op('Expand', [x.x, emitter.sizes(node.outputs[0].shape)])
    : emitter.op('Tile', [x.x, emitter.sizes(reps)]);
};

const slice: Operator = (kernel) => {
  const { x, attrs, node, emitter } = kernel;
  const shape = shapeOf(kernel);
  const begin = [attrs.begin as Size | readonly Size[]].flat() as Size[];
  const sizes = node.outputs[0].shape;
  const cut = shape.map((_, axis) => axis).filter((axis) => !sameSize(shape[axis], sizes[axis]));
  const starts = cut.map((axis) => begin[axis] ?? 0);
  const ends = cut.map((axis, i) => addSizes(starts[i], sizes[axis]));
  return emitter.op('Slice', [x.x, emitter.sizes(starts), emitter.sizes(ends), emitter.sizes(cut)]);
};

/** Further than any axis is long. */
const end = 2 ** 31 - 1;

const stridedSlice: Operator = ({ x, node, emitter }) => {
  const { strides, sizes } = slicesOf(node, emitter.multiples);
  // Backwards to the first element is "to before it", which counted from the end is further than any axis is long.
  const ends = sizes('end').map((place) => (typeof place === 'number' && place < 0 ? -end : place));
  const places = [sizes('begin'), ends, strides.map((_, axis) => axis), strides];
  const cut = emitter.op('Slice', [x.x, ...places.map((each) => emitter.sizes(each))]);
  return reshape(emitter, cut, sizes('count'), node.outputs[0].shape);
};

const pad: Operator = ({ x, attrs, node, emitter }) => {
  const { paddings, constantValue } = attrs as { paddings: [Size, Size][]; constantValue: number };
  const amounts = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
  return emitter.op('Pad', [
    x.x,
    emitter.sizes(amounts),
    emitter.scalar(constantValue, node.outputs[0].dtype),
  ]);
};

/** The places that an axis with its margins mirrored is made of, the elements at its ends repeated. */
const mirrored = (size: Size, [before, after]: readonly number[]): number[] => {
  if (isSymbolic(size)) throw new UnsupportedError('padding by symmetric along an axis of open size');
  const places = [...Array(size).keys()];
  return [...places.slice(0, before).reverse(), ...places, ...places.slice(size - after).reverse()];
};

const mirrorPad: Operator = ({ x, attrs, node, emitter }) => {
  const { paddings, mode } = attrs as { paddings: [number, number][]; mode: string };
  // ONNX knows no margins that repeat the ends.
  if (mode === 'symmetric')
    return paddings.reduce((padded, margin, axis) => {
      if (margin[0] + margin[1] === 0) return padded;
      const places = emitter.numbers(mirrored(node.inputs.x.shape[axis], margin), 'int32');
      return emitter.op('Gather', [padded, places], { axis });
    }, x.x);
  const amounts = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)];
  return emitter.op('Pad', [x.x, emitter.sizes(amounts)], { mode: 'reflect' });
};

const pack: Operator = (kernel) => {
  const { attrs, node, emitter } = kernel;
  const axis = axisOf(attrs.axis as number, node.outputs[0].shape.length);
  const parts = rowOf(kernel).map((part) => emitter.op('Unsqueeze', [part, emitter.sizes([axis])]));
  return emitter.op('Concat', parts, { axis });
};

const unpack: Operator = (kernel) => {
  const { x, attrs, node, emitter } = kernel;
  const axis = axisOf(attrs.axis as number, node.inputs.value.shape.length);
  return split(
    kernel,
    x.value,
    axis,
    node.outputs.map(() => 1),
  ).map((part) => emitter.op('Squeeze', [part, emitter.sizes([axis])]));
};

const splitV: Operator = (kernel) => {
  const axis = axisOf(kernel.attrs.axis as number, shapeOf(kernel).length);
  const sizes = kernel.node.outputs.map(({ shape }) => shape[axis]);
  return split(kernel, kernel.x.x, axis, sizes);
};

const reverse: Operator = (kernel) => {
  const { x, attrs, emitter } = kernel;
  const rank = kernel.node.outputs[0].shape.length;
  const axes = [attrs.dims as number | number[]].flat().map((axis) => axisOf(axis, rank));
  if (axes.length === 0) return emitter.op('Identity', [x.x]);
  const all = (place: number) => emitter.sizes(axes.map(() => place));
  return emitter.op('Slice', [x.x, all(-1), all(-end), emitter.sizes(axes), all(-1)]);
};

/** Blocks of channels become blocks of pixels. */
const depthToSpace: Operator = (kernel) => {
  const { x, attrs, node, emitter } = kernel;
  const block = attrs.blockSize as number;
  const [B, H, W, C] = shapeOf(kernel) as [Size, number, number, number];
  if (attrs.dataFormat === 'NCHW') throw new UnsupportedError('images in the order NCHW');
  const blocks = [B, H, W, block, block, C / block ** 2];
  const apart = reshape(emitter, x.x, [B, H, W, C], blocks);
  const turned = emitter.op('Transpose', [apart], { perm: [0, 1, 3, 2, 4, 5] });
  return reshape(emitter, turned, [B, H, block, W, block, C / block ** 2], node.outputs[0].shape);
};

/** Numbers at equal steps, whose ends may be sizes that are left open. */
const range: Operator = ({ attrs, node, emitter }) => {
  const { dtype } = node.outputs[0];
  const end = (size: Size): string =>
    isSymbolic(size)
      ? emitter.op('Cast', [emitter.op('Squeeze', [emitter.sizes([size])])], { to: dataTypes[dtype] })
      : emitter.scalar(size, dtype);
  const [start, stop, step] = ['start', 'stop', 'step'].map((name) => end(attrs[name] as Size));
  return emitter.op('Range', [start, stop, step]);
};

/** A number that is a size, or 1 through a size. */
const size: Operator = ({ attrs, node, emitter }) => {
  const [{ shape, dtype }] = node.outputs;
  const count = emitter.op('Squeeze', [emitter.sizes([attrs.size as Size])]);
  const number = emitter.op('Cast', [count], { to: dataTypes[dtype] });
  const value = attrs.isInverse ? emitter.op('Div', [emitter.scalar(1), number]) : number;
  return shape.length === 0 ? value : emitter.op('Expand', [value, emitter.sizes(shape)]);
};

export const arrangement: Operators = {
  RengaSize: size,
  Range: range,
  Reshape: reshaped,
  ExpandDims: reshaped,
  Tile: tile,
  Slice: slice,
  StridedSlice: stridedSlice,
  PadV2: pad,
  MirrorPad: mirrorPad,
  Pack: pack,
  Unpack: unpack,
  SplitV: splitV,
  Reverse: reverse,
  FlipLeftRight: (kernel) => reverse({ ...kernel, attrs: { dims: [2] }, x: { x: kernel.x.image } }),
  DepthToSpace: depthToSpace,
  Transpose: ({ x, attrs, emitter }) => emitter.op('Transpose', [x.x], { perm: attrs.perm as number[] }),
  Concat: (kernel) =>
    kernel.emitter.op('Concat', rowOf(kernel), {
      axis: axisOf(kernel.attrs.axis as number, kernel.node.outputs[0].shape.length),
    }),
  ZerosLike: ({ x, node, emitter }) =>
    emitter.op('Expand', [emitter.scalar(0, node.outputs[0].dtype), emitter.op('Shape', [x.x])]),
  BroadcastTo: ({ x, node, emitter }) => emitter.op('Expand', [x.x, emitter.sizes(node.outputs[0].shape)]),
};
