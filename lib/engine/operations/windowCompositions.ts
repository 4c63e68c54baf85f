/**
 * Derivatives of convolutions and pools composed of kernels that every engine has: convolutions, slices, padding and
 * sums. Programs that are written down for another engine use them; images and videos alike.
 */
import * as tf from '@tensorflow/tfjs-core';
import { spread } from '../derivatives/spread.js';
import { everyNth } from './everyNth.js';

type T = tf.Tensor;

/** The windows along each axis of space. */
interface Windows {
  /** The length of the input. */
  readonly lengths: readonly number[];
  /** The number of windows. */
  readonly counts: readonly number[];
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly rates: readonly number[];
  /** The padding before the input. */
  readonly before: readonly number[];
}

interface Attrs {
  readonly strides: never;
  readonly pad: never;
  readonly dilations?: never;
  readonly filterSize: never;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
  readonly inputShape: number[];
  readonly filterShape: number[];
}

type Info = Partial<Record<string, number>> & {
  readonly padInfo: { readonly front?: number; readonly top: number; readonly left: number };
};

const windowsOf = (info: Info): Windows => {
  const names = info.inDepth === undefined ? ['Height', 'Width'] : ['Depth', 'Height', 'Width'];
  const each = (kind: string, missing = 1): number[] =>
    names.map((name) => info[`${kind}${name}`] ?? missing);
  const { front = 0, top, left } = info.padInfo;
  return {
    lengths: each('in'),
    counts: each('out'),
    sizes: each('filter'),
    strides: each('stride'),
    rates: each('dilation'),
    before: info.inDepth === undefined ? [top, left] : [front, top, left],
  };
};

const { backend_util: util } = tf;

const convolutionWindows = (input: number[], filter: number[], a: Attrs, isDepthwise = false): Windows =>
  windowsOf(
    (input.length === 5
      ? util.computeConv3DInfo(input as never, filter as never, a.strides, a.dilations ?? 1, a.pad)
      : util.computeConv2DInfo(
          input as never,
          filter as never,
          a.strides,
          a.dilations ?? 1,
          a.pad,
          a.dimRoundingMode,
          isDepthwise,
        )) as unknown as Info,
  );

const poolWindows = ({ shape }: T, a: Attrs): Windows => {
  const compute = shape.length === 5 ? util.computePool3DInfo : util.computePool2DInfo;
  return windowsOf(
    compute(shape as never, a.filterSize, a.strides, 1, a.pad, a.dimRoundingMode) as unknown as Info,
  );
};

/** The extent of all windows along each axis. */
const extents = ({ counts, sizes, strides, rates }: Windows): number[] =>
  counts.map((count, i) => (count - 1) * strides[i] + (sizes[i] - 1) * rates[i] + 1);

/** [B, …, C] with the axes of space moved by `before` and cut or filled up to what the windows see. */
const framed = (x: T, before: readonly number[], lengths: readonly number[], value = 0): T => {
  const after = lengths.map((length, i) => length - before[i] - x.shape[i + 1]);
  const margins = before.map((n, i): [number, number] => [Math.max(0, n), Math.max(0, after[i])]);
  const padded = tf.pad(x, [[0, 0], ...margins, [0, 0]], value);
  const begin = before.map((n) => Math.max(0, -n));
  return tf.slice(padded, [0, ...begin, 0], [x.shape[0], ...lengths, x.shape[x.rank - 1]]);
};

/** The places in a window, the last axis fastest. */
const placesOf = (sizes: readonly number[]): number[][] =>
  sizes.reduce<number[][]>(
    (places, size) => places.flatMap((place) => Array.from({ length: size }, (_, i) => [...place, i])),
    [[]],
  );

/** The element at one place of every window: [B, counts…, C]. */
const seen = (frame: T, place: readonly number[], { counts, strides, rates }: Windows): T =>
  place.reduce((x, at, i) => everyNth(x, i + 1, strides[i], counts[i], at * rates[i]), frame);

/** Elements [B, counts…, C] put back at one place of every window: [B, lengths…, C], zeros elsewhere. */
const putBack = (y: T, place: readonly number[], w: Windows): T => {
  const wide = spread(y, [1, ...w.strides, 1]);
  return framed(
    wide,
    place.map((at, i) => at * w.rates[i] - w.before[i]),
    w.lengths,
  );
};

const sum = (parts: T[]): T => (parts.length === 1 ? parts[0] : tf.addN(parts));

/** The convolution of channels as images by the cotangent as a filter, its strides as holes. */
const filterGradient =
  (kernel: string) =>
  ({ x, dy }: { x: T; dy: T }, attrs: Attrs): T => {
    const w = convolutionWindows(x.shape, attrs.filterShape, attrs);
    const axes = w.counts.map((_, i) => i + 1);
    const last = x.rank - 1;
    const images = tf.transpose(framed(x, w.before, extents(w)), [last, ...axes, 0]); // [C, …, B]
    const filter = tf.transpose(dy, [...axes, 0, last]); // [counts…, B, O]
    const convolved = tf.engine().runKernel(kernel, { x: images, filter }, {
      strides: w.rates,
      dilations: w.strides,
      pad: 'valid',
      dataFormat: w.counts.length === 3 ? 'NDHWC' : 'NHWC',
    } as never) as T; // [C, sizes…, O]
    return tf.transpose(convolved, [...axes, 0, last]);
  };

/** Filters of a depthwise convolution at one place: [C, M]. */
const filterAt = (filter: T, [row, column]: readonly number[]): T =>
  tf.reshape(tf.slice(filter, [row, column, 0, 0], [1, 1, -1, -1]), filter.shape.slice(2));

const depthwiseInput = ({ dy, filter }: { dy: T; filter: T }, attrs: Attrs): T => {
  const w = convolutionWindows(attrs.inputShape, filter.shape, attrs, true);
  const byChannel = tf.reshape(dy, [...dy.shape.slice(0, -1), ...filter.shape.slice(2)]); // [B, h, w, C, M]
  return sum(
    placesOf(w.sizes).map((place) =>
      putBack(tf.sum(tf.mul(byChannel, filterAt(filter, place)), -1), place, w),
    ),
  );
};

const depthwiseFilter = ({ x, dy }: { x: T; dy: T }, attrs: Attrs): T => {
  const w = convolutionWindows(x.shape, attrs.filterShape, attrs, true);
  const [, , channels, multiplier] = attrs.filterShape;
  const byChannel = tf.reshape(dy, [-1, channels, multiplier]);
  const frame = framed(x, w.before, extents(w));
  const each = placesOf(w.sizes).map((place) =>
    tf.sum(tf.mul(tf.reshape(seen(frame, place, w), [-1, channels, 1]), byChannel), 0),
  );
  return tf.reshape(tf.stack(each), attrs.filterShape);
};

/** Each window's cotangent goes to the first of its maxima. */
const maxPool = ({ dy, input }: { dy: T; input: T }, attrs: Attrs): T => {
  const w = poolWindows(input, attrs);
  const frame = framed(input, w.before, extents(w), -Infinity);
  const places = placesOf(w.sizes);
  const first = tf.argMax(tf.stack(places.map((place) => seen(frame, place, w))), 0);
  return sum(
    places.map((place, i) =>
      putBack(tf.mul(dy, tf.cast(tf.equal(first, tf.scalar(i, 'int32')), 'float32')), place, w),
    ),
  );
};

interface Dilated {
  readonly dy: T;
  readonly x: T;
  /** [height, width, C] */
  readonly filter: T;
}

/** The windows of a dilation: the maximum over each window of the image with the filter added. */
const dilationWindows = ({ x, filter }: Omit<Dilated, 'dy'>, { strides, pad, dilations }: Attrs): Windows =>
  windowsOf(
    util.computeDilation2DInfo(
      x.shape as never,
      filter.shape as never,
      strides,
      pad,
      'NHWC',
      dilations ?? 1,
    ) as unknown as Info,
  );

/** The sums of which a dilation is the maximum, one for each place of the windows. */
const dilationSums = ({ x, filter }: Omit<Dilated, 'dy'>, w: Windows): T[] => {
  const frame = framed(x, w.before, extents(w), -Infinity);
  return placesOf(w.sizes).map((place) =>
    tf.add(seen(frame, place, w), tf.reshape(tf.slice(filter, [...place, 0], [1, 1, -1]), [-1])),
  );
};

/** The cotangent [B, counts…, C] of each place of the windows: where the first maximum is, zeros elsewhere. */
const dilationShares = (given: Dilated, w: Windows): T[] => {
  const sums = dilationSums(given, w);
  const first = tf.argMax(tf.stack(sums), 0);
  return sums.map((_, i) => tf.mul(given.dy, tf.cast(tf.equal(first, tf.scalar(i, 'int32')), 'float32')));
};

const dilation = (given: Omit<Dilated, 'dy'>, attrs: Attrs): T =>
  tf.max(tf.stack(dilationSums(given, dilationWindows(given, attrs))), 0);

const dilationInput = (given: Dilated, attrs: Attrs): T => {
  const w = dilationWindows(given, attrs);
  const shares = dilationShares(given, w);
  return sum(placesOf(w.sizes).map((place, i) => putBack(shares[i], place, w)));
};

const dilationFilter = (given: Dilated, attrs: Attrs): T => {
  const shares = dilationShares(given, dilationWindows(given, attrs));
  return tf.reshape(tf.stack(shares.map((share) => tf.sum(share, [0, 1, 2]))), given.filter.shape);
};

const averagePool = ({ dy, input }: { dy: T; input: T }, attrs: Attrs): T => {
  const w = poolWindows(input, attrs);
  const places = placesOf(w.sizes);
  const shared = tf.div(dy, places.length);
  return sum(places.map((place) => putBack(shared, place, w)));
};

/** Compositions by the names of their kernels. */
export const windowCompositions = {
  [tf.Conv2DBackpropFilter]: filterGradient(tf.Conv2D),
  [tf.Conv3DBackpropFilterV2]: filterGradient(tf.Conv3D),
  [tf.DepthwiseConv2dNativeBackpropInput]: depthwiseInput,
  [tf.DepthwiseConv2dNativeBackpropFilter]: depthwiseFilter,
  [tf.MaxPoolGrad]: maxPool,
  [tf.MaxPool3DGrad]: maxPool,
  [tf.AvgPoolGrad]: averagePool,
  [tf.AvgPool3DGrad]: averagePool,
  [tf.Dilation2D]: dilation,
  [tf.Dilation2DBackpropInput]: dilationInput,
  [tf.Dilation2DBackpropFilter]: dilationFilter,
};
