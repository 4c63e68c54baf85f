/**
 * Derivatives of the depthwise convolution, which the wasm backend lacks: plain loops, for it is rarely trained.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, views, type BackendWasm } from './heap.js';
import { register } from './register.js';

type Four = [number, number, number, number];
type Info = tf.backend_util.Conv2DInfo;

interface Attrs {
  readonly strides: never;
  readonly pad: never;
  readonly dilations?: never;
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

const infoOf = (input: number[], filter: number[], a: Attrs): Info =>
  tf.backend_util.computeConv2DInfo(
    input as Four,
    filter as Four,
    a.strides,
    a.dilations ?? 1,
    a.pad,
    a.dimRoundingMode,
    true,
  );

/** Calls `visit` with the offsets of every product x · w that is added to y, for one channel of x and y each. */
const forEachProduct = (info: Info, visit: (x: number, filter: number, y: number) => void): void => {
  const { inChannels, outHeight, outWidth, inHeight, inWidth, padInfo } = info;
  const multiplier = info.outChannels / inChannels;
  for (let p = 0; p < info.batchSize * outHeight * outWidth; p += 1) {
    const [column, row] = [p % outWidth, Math.floor(p / outWidth) % outHeight];
    const batch = Math.floor(p / (outWidth * outHeight));
    for (let k = 0; k < info.filterHeight * info.filterWidth; k += 1) {
      const [v, h] = [k % info.filterWidth, Math.floor(k / info.filterWidth)];
      const y = row * info.strideHeight - padInfo.top + h * info.dilationHeight;
      const x = column * info.strideWidth - padInfo.left + v * info.dilationWidth;
      if (y < 0 || y >= inHeight || x < 0 || x >= inWidth) continue;
      const pixel = ((batch * inHeight + y) * inWidth + x) * inChannels;
      for (let c = 0; c < info.outChannels; c += 1) {
        visit(pixel + Math.floor(c / multiplier), k * info.outChannels + c, p * info.outChannels + c);
      }
    }
  }
};

export const registerDepthwise = (): void => {
  register<{ dy: tf.Tensor; filter: tf.Tensor }, Attrs & { inputShape: number[] }, BackendWasm>(
    'wasm',
    tf.DepthwiseConv2dNativeBackpropInput,
    ({ dy, filter }, attrs, backend) => {
      const out = allocate(backend, attrs.inputShape);
      const [dys, filters, dxs] = views(backend, [dy, filter, out]);
      dxs.fill(0);
      forEachProduct(infoOf(attrs.inputShape, filter.shape, attrs), (x, w, y) => {
        dxs[x] += dys[y] * filters[w];
      });
      return out;
    },
  );
  register<{ x: tf.Tensor; dy: tf.Tensor }, Attrs & { filterShape: number[] }, BackendWasm>(
    'wasm',
    tf.DepthwiseConv2dNativeBackpropFilter,
    ({ x: input, dy }, attrs, backend) => {
      const out = allocate(backend, attrs.filterShape);
      const [xs, dys, dfilters] = views(backend, [input, dy, out]);
      dfilters.fill(0);
      forEachProduct(infoOf(input.shape, attrs.filterShape, attrs), (x, w, y) => {
        dfilters[w] += dys[y] * xs[x];
      });
      return out;
    },
  );
};
