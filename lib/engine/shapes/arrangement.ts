/**
 * Shapes of kernels that make or rearrange tensors: reshape, join, cut, pad, gather, scatter, fill.
 */
import * as tf from '@tensorflow/tfjs-core';
import { forEach, spec, type ShapeKernels, type Spec } from './kernel.js';

interface Unary {
  readonly x: Spec;
}

const { backend_util: backendUtil, slice_util: sliceUtil, util } = tf;

const sumOf = ([before, after]: number[]): number => before + after;

const padded = ({ x }: Unary, { paddings }: tf.PadV2Attrs): Spec =>
  spec(
    x.shape.map((n, i) => n + sumOf(paddings[i])),
    x.dtype,
  );

const making: ShapeKernels = {
  [tf.Fill]: (_: object, { shape, value, dtype }: tf.FillAttrs) =>
    spec(shape, dtype ?? util.inferDtype(value)),
  [tf.LinSpace]: (_: object, { num }: tf.LinSpaceAttrs) => spec([num], 'float32'),
  [tf.Range]: (_: object, { start, stop, step, dtype }: tf.RangeAttrs) => {
    // A step of the wrong sign gives nothing; the default step of 1 counts down as well.
    const isEmpty = start === stop || (start < stop && step < 0) || (stop < start && step > 1);
    return spec([isEmpty ? 0 : Math.abs(Math.ceil((stop - start) / step))], dtype);
  },
  [tf.OneHot]: ({ indices }: { indices: Spec }, { depth, dtype }: tf.OneHotAttrs) =>
    spec([...indices.shape, depth], dtype),
  [tf.Diag]: ({ x }: Unary) => spec([...x.shape, ...x.shape], x.dtype),
};

const reshaping: ShapeKernels = {
  [tf.Reshape]: ({ x }: Unary, attrs: tf.ReshapeAttrs) => {
    const size = util.sizeFromShape(x.shape);
    const shape = util.inferFromImplicitShape(attrs.shape, size);
    if (util.sizeFromShape(shape) !== size) {
      throw new Error(`cannot reshape [${x.shape}] of ${size} elements to [${shape}]`);
    }
    return spec(shape, x.dtype);
  },
  [tf.ExpandDims]: ({ input }: { input: Spec }, { dim }: tf.ExpandDimsAttrs) =>
    spec(input.shape.toSpliced(dim < 0 ? input.shape.length + dim + 1 : dim, 0, 1), input.dtype),
  [tf.Transpose]: ({ x }: Unary, { perm }: tf.TransposeAttrs) =>
    spec(
      perm.map((axis) => x.shape[axis]),
      x.dtype,
    ),
  [tf.DepthToSpace]: ({ x }: Unary, { blockSize }: tf.DepthToSpaceAttrs) => {
    const [batch, height, width, depth] = x.shape;
    return spec([batch, height * blockSize, width * blockSize, depth / blockSize ** 2], x.dtype);
  },
  [tf.SpaceToBatchND]: ({ x }: Unary, { blockShape, paddings }: tf.SpaceToBatchNDAttrs) => {
    const [batch, ...rest] = x.shape;
    const blocks = rest.map((n, i) => (i < blockShape.length ? (n + sumOf(paddings[i])) / blockShape[i] : n));
    return spec([batch * util.sizeFromShape(blockShape), ...blocks], x.dtype);
  },
  [tf.BatchToSpaceND]: ({ x }: Unary, { blockShape, crops }: tf.BatchToSpaceNDAttrs) => {
    const [batch, ...rest] = x.shape;
    const space = rest.map((n, i) => (i < blockShape.length ? n * blockShape[i] - sumOf(crops[i]) : n));
    return spec([batch / util.sizeFromShape(blockShape), ...space], x.dtype);
  },
};

const joining: ShapeKernels = {
  [tf.Concat]: (inputs: Spec[], attrs: tf.ConcatAttrs) => {
    const shapes = inputs.map(({ shape }) => shape);
    const axis = util.parseAxisParam(attrs.axis, shapes[0])[0];
    backendUtil.assertParamsConsistent(shapes, axis);
    return spec(backendUtil.computeOutShape(shapes, axis), inputs[0].dtype);
  },
  [tf.Pack]: (inputs: Spec[], { axis }: tf.PackAttrs) =>
    spec(
      inputs[0].shape.toSpliced(axis < 0 ? inputs[0].shape.length + axis + 1 : axis, 0, inputs.length),
      inputs[0].dtype,
    ),
  [tf.Tile]: ({ x }: Unary, { reps }: tf.TileAttrs) =>
    spec(
      x.shape.map((n, i) => n * reps[i]),
      x.dtype,
    ),
  ...forEach([tf.PadV2, tf.MirrorPad], padded),
  [tf.BroadcastArgs]: ({ s0, s1 }: { s0: Spec; s1: Spec }) =>
    spec([Math.max(s0.shape[0], s1.shape[0])], 'int32'),
};

const cutting: ShapeKernels = {
  [tf.Slice]: ({ x }: { x: tf.TensorInfo }, { begin, size }: tf.SliceAttrs) => {
    const [starts, sizes] = sliceUtil.parseSliceParams(x, begin, size);
    sliceUtil.assertParamsValid(x, starts, sizes);
    return spec(sizes, x.dtype);
  },
  [tf.StridedSlice]: ({ x }: Unary, a: tf.StridedSliceAttrs) => {
    const masks = [a.beginMask, a.endMask, a.ellipsisMask, a.newAxisMask, a.shrinkAxisMask] as const;
    return spec(sliceUtil.sliceInfo(x.shape, a.begin, a.end, a.strides, ...masks).finalShape, x.dtype);
  },
  [tf.SplitV]: ({ x }: { x: tf.Tensor }, { numOrSizeSplits, axis }: tf.SplitVAttrs) => {
    const along = util.parseAxisParam(axis, x.shape)[0];
    const sizes = backendUtil.prepareSplitSize(x, numOrSizeSplits, along);
    return sizes.map((size) => spec(x.shape.with(along, size), x.dtype));
  },
  [tf.Unpack]: ({ value }: { value: Spec }, { axis }: tf.UnpackAttrs) => {
    const along = axis < 0 ? value.shape.length + axis : axis;
    const part = spec(value.shape.toSpliced(along, 1), value.dtype);
    return Array.from({ length: value.shape[along] }, () => part);
  },
};

const indexing: ShapeKernels = {
  [tf.GatherV2]: (
    { x, indices }: { x: tf.TensorInfo; indices: tf.TensorInfo },
    { axis, batchDims }: tf.GatherV2Attrs,
  ) => {
    const along = util.parseAxisParam(axis, x.shape)[0];
    const { outputShape } = backendUtil.segment_util.collectGatherOpShapeInfo(
      x,
      indices,
      along,
      batchDims ?? 0,
    );
    return spec(outputShape, x.dtype);
  },
  [tf.GatherNd]: ({ params, indices }: { params: Spec; indices: Spec }) =>
    spec([...indices.shape.slice(0, -1), ...params.shape.slice(indices.shape.at(-1))], params.dtype),
  [tf.ScatterNd]: ({ updates }: { updates: Spec }, { shape }: tf.ScatterNdAttrs) =>
    spec(shape, updates.dtype),
  [tf.TensorScatterUpdate]: ({ tensor }: { tensor: Spec }) => spec(tensor.shape, tensor.dtype),
  [tf.SparseToDense]: ({ sparseValues }: { sparseValues: Spec }, { outputShape }: tf.SparseToDenseAttrs) =>
    spec(outputShape, sparseValues.dtype),
  [tf.UnsortedSegmentSum]: (
    { x, segmentIds }: { x: Spec; segmentIds: Spec },
    { numSegments }: tf.UnsortedSegmentSumAttrs,
  ) => spec([numSegments, ...x.shape.slice(segmentIds.shape.length)], x.dtype),
};

export const arrangement: ShapeKernels = { ...making, ...reshaping, ...joining, ...cutting, ...indexing };
