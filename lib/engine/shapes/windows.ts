/**
 * Shapes of kernels that slide windows over images and videos: convolutions, pools, resizing.
 */
import * as tf from '@tensorflow/tfjs-core';
import { forEach, spec, type ShapeKernels, type Spec } from './kernel.js';

const { backend_util: util } = tf;
type Four = [number, number, number, number];
type Five = [number, number, number, number, number];

interface Filtered {
  readonly x: Spec;
  readonly filter: Spec;
}

const conv2dInfo = (
  { x, filter }: Filtered,
  a: tf.Conv2DAttrs,
  isDepthwise: boolean,
): tf.backend_util.Conv2DInfo => {
  const format = util.convertConv2DDataFormat(a.dataFormat ?? 'NHWC');
  const [from, by] = [x.shape as Four, filter.shape as Four];
  const dilations = a.dilations ?? 1;
  const pad: tf.Conv2DAttrs['pad'] = typeof a.pad === 'number' ? margins(a.pad, a.pad, a.pad, a.pad) : a.pad;
  const info = util.computeConv2DInfo(
    from,
    by,
    a.strides,
    dilations,
    pad,
    a.dimRoundingMode,
    isDepthwise,
    format,
  );
  if (info.outHeight < 1 || info.outWidth < 1) {
    throw new Error(`convolution: a filter [${filter.shape}] does not fit into [${x.shape}]`);
  }
  return info;
};

const margins = (
  top: number,
  bottom: number,
  left: number,
  right: number,
): tf.backend_util.ExplicitPadding => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

/**
 * The number of zeros that a convolution puts around its images.
 * @throws Error when the filter does not fit
 */
export const explicitPadding = (
  inputs: Filtered,
  attrs: tf.Conv2DAttrs,
  isDepthwise: boolean,
): tf.backend_util.ExplicitPadding => {
  const { top, bottom, left, right } = conv2dInfo(inputs, attrs, isDepthwise).padInfo;
  return margins(top, bottom, left, right);
};

const conv2d =
  (isDepthwise: boolean) =>
  (inputs: Filtered, attrs: tf.Conv2DAttrs): Spec =>
    spec(conv2dInfo(inputs, attrs, isDepthwise).outShape, inputs.x.dtype);

const conv3d = ({ x, filter }: Filtered, a: tf.Conv3DAttrs): Spec =>
  spec(
    util.computeConv3DInfo(x.shape as Five, filter.shape as Five, a.strides, a.dilations, a.pad).outShape,
    x.dtype,
  );

const pooled2d = (x: Spec, a: tf.AvgPoolAttrs): number[] =>
  util.computePool2DInfo(x.shape as Four, a.filterSize, a.strides, 1, a.pad, a.dimRoundingMode).outShape;

const pool2d = ({ x }: { x: Spec }, attrs: tf.AvgPoolAttrs): Spec => spec(pooled2d(x, attrs), x.dtype);

const pool3d = ({ x }: { x: Spec }, a: tf.AvgPool3DAttrs): Spec =>
  spec(
    util.computePool3DInfo(
      x.shape as Five,
      a.filterSize,
      a.strides,
      1,
      a.pad,
      a.dimRoundingMode,
      a.dataFormat,
    ).outShape,
    x.dtype,
  );

const dilation2d = ({ x, filter }: Filtered, { strides, pad, dilations }: tf.Dilation2DAttrs): Spec =>
  spec(
    util.computeDilation2DInfo(
      x.shape as Four,
      filter.shape as Four & [number, number, number],
      strides,
      pad,
      'NHWC',
      dilations,
    ).outShape,
    x.dtype,
  );

const likeFilter = ({ dy }: { dy: Spec }, { filterShape }: { filterShape: number[] }): Spec =>
  spec(filterShape, dy.dtype);
const likeInput = ({ dy }: { dy: Spec }, { inputShape }: { inputShape: number[] }): Spec =>
  spec(inputShape, dy.dtype);

const convolutions: ShapeKernels = {
  ...forEach([tf.Conv2D, tf.FusedConv2D], conv2d(false)),
  ...forEach([tf.DepthwiseConv2dNative, tf.FusedDepthwiseConv2D], conv2d(true)),
  [tf.Conv3D]: conv3d,
  ...forEach([tf.Conv2DBackpropInput, tf.Conv3DBackpropInputV2], likeInput),
  ...forEach([tf.Conv2DBackpropFilter, tf.Conv3DBackpropFilterV2], likeFilter),
  [tf.DepthwiseConv2dNativeBackpropInput]: likeInput,
  [tf.DepthwiseConv2dNativeBackpropFilter]: likeFilter,
  [tf.Dilation2D]: dilation2d,
  [tf.Dilation2DBackpropInput]: ({ x }: Filtered) => spec(x.shape, x.dtype),
  [tf.Dilation2DBackpropFilter]: ({ filter }: Filtered) => spec(filter.shape, filter.dtype),
};

const pools: ShapeKernels = {
  ...forEach([tf.AvgPool, tf.MaxPool], pool2d),
  ...forEach([tf.AvgPool3D, tf.MaxPool3D], pool3d),
  ...forEach(
    [tf.AvgPoolGrad, tf.MaxPoolGrad, tf.AvgPool3DGrad, tf.MaxPool3DGrad],
    ({ input }: { input: Spec }) => spec(input.shape, input.dtype),
  ),
  [tf.MaxPoolWithArgmax]: ({ x }: { x: Spec }, attrs: tf.MaxPoolWithArgmaxAttrs) => {
    const shape = pooled2d(x, attrs);
    return [spec(shape, x.dtype), spec(shape, 'int32')];
  },
};

const resize = ({ images }: { images: Spec }, { size }: tf.ResizeBilinearAttrs): Spec =>
  spec([images.shape[0], ...size, images.shape[3]], images.dtype);

const images: ShapeKernels = {
  [tf.ResizeNearestNeighbor]: resize,
  [tf.ResizeBilinear]: (inputs: { images: Spec }, attrs: tf.ResizeBilinearAttrs) =>
    spec(resize(inputs, attrs).shape, 'float32'),
  ...forEach([tf.ResizeBilinearGrad, tf.ResizeNearestNeighborGrad], ({ images: x }: { images: Spec }) =>
    spec(x.shape, 'float32'),
  ),
  [tf.CropAndResize]: ({ image, boxes }: { image: Spec; boxes: Spec }, { cropSize }: tf.CropAndResizeAttrs) =>
    spec([boxes.shape[0], ...cropSize, image.shape[3]], 'float32'),
  ...forEach([tf.FlipLeftRight, tf.RotateWithOffset], ({ image }: { image: Spec }) =>
    spec(image.shape, image.dtype),
  ),
  [tf.Transform]: ({ image }: { image: Spec }, { outputShape }: tf.TransformAttrs) => {
    const [batch, height, width, channels] = image.shape;
    return spec([batch, ...(outputShape ?? [height, width]), channels], image.dtype);
  },
};

export const windows: ShapeKernels = { ...convolutions, ...pools, ...images };
