/**
 * Frozen: derivatives that stock tfjs has no wasm kernel for, as the library computed them before it had kernels of its
 * own: rows added up one by one, and patches of an image multiplied by tfjs's product.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

type Four = [number, number, number, number];

const register = <I, A>(
  kernelName: string,
  compute: (inputs: I, attrs: A, backend: BackendWasm) => tf.Tensor,
) =>
  tf.registerKernel({
    kernelName,
    backendName: 'wasm',
    kernelFunc: ({ inputs, attrs, backend }) =>
      tf.tidy(() => compute(inputs as unknown as I, attrs as unknown as A, backend as BackendWasm)),
  });

const allocate = (backend: BackendWasm, shape: number[]): tf.Tensor =>
  tf.engine().makeTensorFromTensorInfo(backend.makeOutput(shape, 'float32'), backend);

const values = (backend: BackendWasm, x: tf.Tensor): Float32Array =>
  backend.typedArrayFromHeap(x) as Float32Array;

/** Adds each row [N, C] to the sum of its segment [segments, C]. */
const sumSegments = (backend: BackendWasm, x: tf.Tensor, ids: tf.Tensor, segments: number): tf.Tensor => {
  const rowShape = x.shape.slice(ids.rank);
  const rowSize = tf.util.sizeFromShape(rowShape);
  const out = allocate(backend, [segments, ...rowShape]);
  const [rows, at, sums] = [x, ids, out].map((tensor) => values(backend, tensor));
  sums.fill(0);
  at.forEach((id, row) => {
    for (let i = 0; i < rowSize; i++) sums[id * rowSize + i] += rows[row * rowSize + i];
  });
  return out;
};

/** The windows of a convolution's input, one a row: [windows, kh·kw·C]. */
const patchesOf = (backend: BackendWasm, x: tf.Tensor, w: tf.backend_util.Conv2DInfo): tf.Tensor => {
  const { inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth } = w;
  const size = filterHeight * filterWidth * inChannels;
  const out = allocate(backend, [w.batchSize * outHeight * outWidth, size]);
  const [input, patches] = [x, out].map((tensor) => values(backend, tensor));
  patches.fill(0);
  let to = 0;
  for (let window = 0; window < out.shape[0]; window++) {
    const left = (window % outWidth) * w.strideWidth - w.padInfo.left;
    const top = (Math.floor(window / outWidth) % outHeight) * w.strideHeight - w.padInfo.top;
    const image = Math.floor(window / (outWidth * outHeight));
    for (let i = 0; i < filterHeight * filterWidth; i++, to += inChannels) {
      const [y, column] = [top + Math.floor(i / filterWidth), left + (i % filterWidth)];
      if (y < 0 || y >= inHeight || column < 0 || column >= inWidth) continue;
      const from = ((image * inHeight + y) * inWidth + column) * inChannels;
      for (let c = 0; c < inChannels; c++) patches[to + c] = input[from + c];
    }
  }
  return out;
};

/** Puts them beside the stock kernels. */
export const registerFallbacks = (): void => {
  register<{ x: tf.Tensor; segmentIds: tf.Tensor }, tf.UnsortedSegmentSumAttrs>(
    tf.UnsortedSegmentSum,
    ({ x, segmentIds }, { numSegments }, backend) => sumSegments(backend, x, segmentIds, numSegments),
  );
  register<{ x: tf.Tensor; dy: tf.Tensor }, tf.Conv2DBackpropFilterAttrs>(
    tf.Conv2DBackpropFilter,
    ({ x, dy }, { filterShape, strides, pad }, backend) => {
      const info = tf.backend_util.computeConv2DInfo(x.shape as Four, filterShape, strides, 1, pad as 'same');
      const rows = tf.reshape(dy, [-1, dy.shape[3] as number]);
      const product = tf.matMul(patchesOf(backend, x, info), rows, true, false);
      return tf.reshape(product, filterShape);
    },
  );
};
