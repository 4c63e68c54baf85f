/**
 * Attributes in the one form that every kernel reads alike: padding of windows by sides, counts of windows that need no
 * rounding, axes counted from the front. tfjs takes one number as padding with the filter's height and the vertical stride
 * along both axes, and some of its kernels leave windows of `ceil` unwritten.
 */
import * as tf from '@tensorflow/tfjs-core';

type Attrs = Readonly<Record<string, unknown>>;
type Shaped = Readonly<{ shape: readonly number[] }>;

/** The attributes of a kernel's call, normalized. @throws Error for windows that do not fit */
export type Normalize = (inputs: Readonly<Record<string, Shaped>>, attrs: Attrs) => Attrs;

/** Windows along one axis. */
interface Axis {
  readonly size: number;
  /** The extent of a window, its holes included. */
  readonly window: number;
  readonly stride: number;
  readonly margin: readonly number[];
}

const rounders = { floor: Math.floor, ceil: Math.ceil, round: Math.round };

type Rounding = keyof typeof rounders;

/** The margins of an axis with the zeros after it that the last window of a count rounded up sees. */
const wholeMargin = ({ size, window, stride, margin }: Axis, rounding: Rounding): readonly number[] => {
  const [before, after] = margin;
  const count = rounders[rounding]((size + before + after - window) / stride) + 1;
  if ((count - 1) * stride - before >= size)
    throw new Error(
      `rounding '${rounding}' gives a window that sees nothing of an axis of ${size} elements; expected 'floor', or ` +
        `strides that are not above the window's ${window}`,
    );
  return [before, Math.max(after, (count - 1) * stride + window - size - before)];
};

const pairOf = (value: unknown): readonly number[] =>
  Array.isArray(value) ? (value as number[]).slice(-2) : [(value as number) ?? 1, (value as number) ?? 1];

/** Attributes of windows of a size over images [B, H, W, C]. */
const ofWindows = ({ shape }: Shaped, size: readonly number[], attrs: Attrs): Attrs => {
  const { pad, dataFormat } = attrs;
  if (dataFormat === 'NCHW') return attrs; // refused by the kernels
  const [strides, rates] = [pairOf(attrs.strides), pairOf(attrs.dilations)];
  const windows = size.map((n, i) => (n - 1) * rates[i] + 1);
  const around = typeof pad === 'number' ? pad : 0;
  const margins: readonly (readonly number[])[] = Array.isArray(pad)
    ? (pad as number[][]).slice(1, 3)
    : Array.from({ length: 2 }, () => [around, around]);
  const space = shape.slice(1, 3);
  if (pad !== 'same' && windows.some((n, i) => n > space[i] + margins[i][0] + margins[i][1]))
    throw new Error(`a window [${windows.join(', ')}] does not fit into images [${shape.join(', ')}]`);
  if (typeof pad === 'string') return attrs;
  const rounding = (attrs.dimRoundingMode as Rounding | undefined) ?? 'floor';
  const whole = margins.map((margin, i) =>
    rounding === 'floor'
      ? margin
      : wholeMargin({ size: space[i], window: windows[i], stride: strides[i], margin }, rounding),
  );
  return { ...attrs, pad: [[0, 0], ...whole, [0, 0]], dimRoundingMode: undefined };
};

const filterSize = ({ shape }: Shaped): readonly number[] => shape.slice(0, 2);

const convolution: Normalize = ({ x, filter }, attrs) => ofWindows(x, filterSize(filter), attrs);

const convolutionInput: Normalize = ({ filter }, attrs) =>
  ofWindows({ shape: attrs.inputShape as number[] }, filterSize(filter), attrs);

const convolutionFilter: Normalize = ({ x }, attrs) =>
  ofWindows(x, (attrs.filterShape as number[]).slice(0, 2), attrs);

/** Attributes of pools over images. */
export const pool: Normalize = ({ x, input }, attrs) =>
  ofWindows(x ?? input, pairOf(attrs.filterSize), attrs);

/** Rounding up has no form with padding by sides, which pools of videos do not take. */
const pool3d: Normalize = (_inputs, attrs) => {
  const { dimRoundingMode = 'floor' } = attrs;
  if (dimRoundingMode === 'floor') return attrs;
  throw new Error(`a pool of videos knows rounding 'floor' only; found '${String(dimRoundingMode)}'`);
};

/** Sums and products up to each element. */
const cumulative: Normalize = ({ x }, attrs) => ({
  ...attrs,
  axis: tf.util.parseAxisParam(attrs.axis as number, [...x.shape])[0],
});

const each = (names: readonly string[], normalize: Normalize): Readonly<Record<string, Normalize>> =>
  Object.fromEntries(names.map((name) => [name, normalize]));

/** By the names of kernels. */
export const normalized: Readonly<Record<string, Normalize>> = {
  ...each([tf.Conv2D, tf.FusedConv2D, tf.DepthwiseConv2dNative, tf.FusedDepthwiseConv2D], convolution),
  ...each([tf.Conv2DBackpropInput, tf.DepthwiseConv2dNativeBackpropInput], convolutionInput),
  ...each([tf.Conv2DBackpropFilter, tf.DepthwiseConv2dNativeBackpropFilter], convolutionFilter),
  ...each([tf.MaxPool, tf.AvgPool, tf.MaxPoolGrad, tf.AvgPoolGrad], pool),
  ...each([tf.MaxPool3D, tf.AvgPool3D, tf.MaxPool3DGrad, tf.AvgPool3DGrad], pool3d),
  ...each([tf.Cumsum, tf.Cumprod], cumulative),
};
