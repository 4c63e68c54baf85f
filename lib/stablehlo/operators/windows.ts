/**
 * Kernels that slide windows over images and videos, channels last.
 */
import type { Size } from '../../graph/size.js';
import {
  atAnySize,
  convolutionPadding,
  expectChannelsLast,
  paddingOf,
  perAxis,
} from '../../graph/windows.js';
import { isOpen, list, type Ref, type Typed } from '../value.js';
import { axesOf, known, type Operator, type Operators, type Written } from './operator.js';
import { lookUp } from './indexing.js';
import { finish } from './products.js';

/** The axes of an array that a convolution sees: batch, channels, space. */
const imageAxes = (space: readonly number[]): readonly unknown[] => ['b', ...space, 'f'];

const spaceOf = ({ shape }: Typed): readonly Size[] => shape.slice(1, -1);

/** A convolution. */
interface Convolution {
  readonly padding: readonly (readonly number[])[];
  readonly strides: readonly number[];
  /** Steps between a window's elements. */
  readonly rates: readonly number[];
  /** Steps between the image's own elements; 1 if not given. */
  readonly holes?: readonly number[];
  readonly groups?: number;
  /** The axes of image, filter and result; those of a convolution forward if not given. */
  readonly axes?: readonly (readonly unknown[])[];
}

const convolve = (
  { emitter, out }: Written,
  x: Ref,
  filter: Ref,
  { padding, strides, rates, holes, groups = 1, axes }: Convolution,
): Ref => {
  const space = axesOf(strides.length);
  const [image, window_, result] = (axes ?? [imageAxes(space), [...space, 'i', 'o'], imageAxes(space)]).map(
    list,
  );
  const window = [
    `stride = ${list(strides)}`,
    `pad = ${list(padding.map(list))}`,
    `lhs_dilate = ${list(holes ?? space.map(() => 1))}`,
    `rhs_dilate = ${list(rates)}`,
  ];
  return emitter.ops(
    `stablehlo.convolution(${x.name}, ${filter.name}) dim_numbers = ${image}x${window_}->${result}, window = {${window.join(', ')}} {batch_group_count = 1 : i64, feature_group_count = ${groups} : i64}`,
    [x, filter],
    [out],
  )[0];
};

const conv2d =
  (isDepthwise: boolean): Operator =>
  (kernel) => {
    const { x, attrs, emitter } = kernel;
    expectChannelsLast(attrs);
    const [rows, columns, channels, multiplier] = x.filter.shape as readonly number[];
    const filter = isDepthwise
      ? emitter.reshape(x.filter, [rows, columns, 1, channels * multiplier])
      : x.filter;
    const convolved = convolve(kernel, x.x, filter, {
      padding: convolutionPadding(isDepthwise ? 'depthwise' : 'image', kernel.node, emitter.multiples),
      strides: perAxis(attrs.strides, 2),
      rates: perAxis(attrs.dilations, 2),
      ...(isDepthwise && { groups: channels }),
    });
    return finish(kernel, convolved);
  };

const conv3d: Operator = (kernel) => {
  const { x, attrs, emitter } = kernel;
  return convolve(kernel, x.x, x.filter, {
    padding: convolutionPadding('video', kernel.node, emitter.multiples),
    strides: perAxis(attrs.strides, 3),
    rates: perAxis(attrs.dilations, 3),
  });
};

/** A transposed convolution, the gradient of one in its input: the image with holes meets the filter turned around. */
const transposed =
  (axes: number): Operator =>
  (kernel) => {
    const { x, attrs, out, emitter } = kernel;
    expectChannelsLast(attrs);
    const strides = perAxis(attrs.strides, axes);
    const window = x.filter.shape.slice(0, axes) as readonly number[];
    const padding = atAnySize(kernel.emitter.multiples, [spaceOf(out), spaceOf(x.dy)], (sizes, grown) => {
      const given = paddingOf(attrs.pad, sizes, window, strides);
      return sizes.map((size, i) => {
        const before = window[i] - 1 - given[i][0];
        return [before, size + window[i] - 1 - before - ((grown[i] - 1) * strides[i] + 1)];
      });
    });
    const space = axesOf(axes);
    const filter = emitter.op('reverse', [x.filter], x.filter, `, dims = ${list(space)}`);
    const ones = space.map(() => 1);
    return convolve(kernel, x.dy, filter, {
      padding,
      strides: ones,
      rates: ones,
      holes: strides,
      axes: [imageAxes(space), [...space, 'o', 'i'], imageAxes(space)],
    });
  };

/**
 * The gradient of a convolution in its filter: channels of the image are a batch, the batch is the channels that are
 * summed, and the cotangent is a filter whose elements lie as far apart as windows did.
 */
const filterGradient =
  (axes: number): Operator =>
  (kernel) => {
    const { x, attrs } = kernel;
    expectChannelsLast(attrs);
    const [strides, rates] = [perAxis(attrs.strides, axes), perAxis(attrs.dilations, axes)];
    const window = (attrs.filterShape as number[]).slice(0, axes);
    const space = axesOf(axes);
    const extent = window.map((size, i) => (size - 1) * rates[i] + 1);
    const padding = atAnySize(kernel.emitter.multiples, [spaceOf(x.x), spaceOf(x.dy)], (sizes, counts) => {
      const given = paddingOf(attrs.pad, sizes, extent, strides);
      return sizes.map((size, i) => {
        const seen = (counts[i] - 1) * strides[i] + extent[i];
        return [given[i][0], seen - size - given[i][0]];
      });
    });
    const dimensions = [
      ['f', ...space, 'b'],
      ['i', ...space, 'o'],
      [...space, 'b', 'f'],
    ];
    return convolve(kernel, x.x, x.dy, { padding, strides: rates, rates: strides, axes: dimensions });
  };

/** The number of a window's elements inside of an axis, for each window. */
const counts = (size: number, count: number, window: number, stride: number, before: number): number[] =>
  Array.from({ length: count }, (_, i) => {
    const start = i * stride - before;
    return Math.min(size, start + window) - Math.max(0, start);
  });

const pool =
  (axes: number, isMaximum: boolean): Operator =>
  (kernel) => {
    const { x, attrs, out, emitter: e } = kernel;
    expectChannelsLast(attrs);
    const [window, strides] = [perAxis(attrs.filterSize, axes), perAxis(attrs.strides, axes)];
    const space = spaceOf(x.x);
    const padding = atAnySize(kernel.emitter.multiples, [space], (sizes) =>
      paddingOf(attrs.pad, sizes, window, strides),
    );
    const windows = {
      window: [1, ...window, 1],
      strides: [1, ...strides, 1],
      padding: [[0, 0], ...padding, [0, 0]],
    };
    if (isMaximum) return e.window(x.x, 'maximum', -Infinity, windows, out.shape);
    const sum = e.window(x.x, 'add', 0, windows, out.shape);
    if (isOpen(space)) return e.each('divide', sum, e.window(e.like(x.x, 1), 'add', 0, windows, out.shape));
    const shares = (space as readonly number[]).map((size, i) => {
      const count = out.shape[i + 1] as number;
      const each = counts(size, count, window[i], strides[i], padding[i][0]);
      return e.broadcast(e.array(each, { shape: [count], type: 'f32' }), out.shape, [i + 1]);
    });
    return shares.reduce((total, count) => e.each('divide', total, count), sum);
  };

/** Places along an axis that a resized one is read from: the two nearest, and the share of the second. */
interface Sampling {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly share: readonly number[];
}

/** The places of tfjs's resizing: `[i]` of `to` elements in an axis of `from`. */
const placesIn = (
  from: number,
  to: number,
  { alignCorners, halfPixelCenters }: Written['attrs'],
): number[] => {
  const step = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
  return Array.from({ length: to }, (_, i) => (halfPixelCenters ? (i + 0.5) * step - 0.5 : i * step));
};

const bilinear = (from: number, to: number, attrs: Written['attrs']): Sampling => {
  const places = placesIn(from, to, attrs);
  const low = places.map((place) => Math.max(0, Math.floor(place)));
  return {
    low,
    high: places.map((place) => Math.min(from - 1, Math.ceil(Math.max(0, place)))),
    share: places.map((place, i) => Math.max(0, place) - low[i]),
  };
};

const nearest = (from: number, to: number, attrs: Written['attrs']): Sampling => {
  const shift = attrs.halfPixelCenters ? (0.5 * from) / to : 0;
  const places = placesIn(from, to, { ...attrs, halfPixelCenters: false }).map((place) => place + shift);
  const low = places.map((place) =>
    Math.min(from - 1, attrs.alignCorners ? Math.round(place) : Math.floor(place)),
  );
  return { low, high: low, share: low.map(() => 0) };
};

/** Images [B, H, W, C] with two axes read at other places, one after the other. */
const resize =
  (sampled: typeof bilinear): Operator =>
  ({ x, attrs, out, emitter: e }) =>
    [1, 2].reduce((image, axis) => {
      const [from, to] = known([image.shape[axis], out.shape[axis]], 'images to resize');
      const { low, high, share } = sampled(from, to, attrs);
      const shape = image.shape.map((size, i) => (i === axis ? to : size));
      const at = (places: readonly number[]): Ref => {
        const offsets = axesOf(shape.length).filter((each) => each !== axis);
        const indices = e.array(places, { shape: [to], type: 'i32' });
        return lookUp(e, image, indices, { offsets, places: [axis], vector: 1 }, shape);
      };
      if (share.every((each) => each === 0)) return at(low);
      const part = e.broadcast(e.array(share, { shape: [to], type: 'f32' }), shape, [axis]);
      const [first, second] = [at(low), at(high)];
      return e.each('add', first, e.each('multiply', e.each('subtract', second, first), part));
    }, x.images);

export const windows: Operators = {
  ResizeBilinear: resize(bilinear),
  ResizeNearestNeighbor: resize(nearest),
  Conv2D: conv2d(false),
  FusedConv2D: conv2d(false),
  DepthwiseConv2dNative: conv2d(true),
  FusedDepthwiseConv2D: conv2d(true),
  Conv3D: conv3d,
  Conv2DBackpropInput: transposed(2),
  Conv3DBackpropInputV2: transposed(3),
  Conv2DBackpropFilter: filterGradient(2),
  Conv3DBackpropFilterV2: filterGradient(3),
  MaxPool: pool(2, true),
  MaxPool3D: pool(3, true),
  AvgPool: pool(2, false),
  AvgPool3D: pool(3, false),
};
