/** Convolutions and pools. */
import * as tf from '@tensorflow/tfjs-core';
import { floats, smooth, type Case } from './case.js';

type T4 = tf.Tensor4D;
type T5 = tf.Tensor5D;

const image = floats([2, 5, 6, 2]);
const kernel = floats([3, 2, 2, 3]);
const explicit: tf.backend_util.ExplicitPadding = [
  [0, 0],
  [1, 2],
  [2, 0],
  [0, 0],
];

export const conv2dCases: readonly Case[] = [
  ...(['same', 'valid'] as const).flatMap((pad) =>
    ([1, 2, [2, 1], 3] as const).map((strides) =>
      smooth(`conv2d, ${pad}, strides ${strides}`, [image, kernel], (x: T4, w: T4) =>
        tf.conv2d(x, w, strides as number, pad),
      ),
    ),
  ),
  smooth('conv2d, explicit padding', [image, kernel], (x: T4, w: T4) => tf.conv2d(x, w, 2, explicit)),
  smooth('conv2d, padding 1', [image, floats([2, 2, 2, 3])], (x: T4, w: T4) => tf.conv2d(x, w, 1, 1)),
  smooth('conv2d, padding 1, a wide filter', [image, floats([2, 3, 2, 3])], (x: T4, w: T4) =>
    tf.conv2d(x, w, [2, 1], 1),
  ),
  ...(['ceil', 'round'] as const).flatMap((rounding) => [
    smooth(`conv2d, ${rounding}`, [image, kernel], (x: T4, w: T4) =>
      tf.conv2d(x, w, 2, 1, 'NHWC', 1, rounding),
    ),
    smooth(`depthwiseConv2d, ${rounding}`, [image, floats([3, 2, 2, 2])], (x: T4, w: T4) =>
      tf.depthwiseConv2d(x, w, 2, 0, 'NHWC', 1, rounding),
    ),
  ]),
  smooth('conv2d of 1 x 1', [image, floats([1, 1, 2, 3])], (x: T4, w: T4) => tf.conv2d(x, w, 1, 'same')),
  smooth('conv2d of 7 x 7 by 2', [floats([1, 8, 8, 1]), floats([7, 7, 1, 2])], (x: T4, w: T4) =>
    tf.conv2d(x, w, 2, 'same'),
  ),
  smooth('conv2d, dilated', [floats([1, 6, 6, 1]), floats([2, 2, 1, 2])], (x: T4, w: T4) =>
    tf.conv2d(x, w, 1, 'valid', 'NHWC', 2),
  ),
  smooth('conv1d', [floats([2, 6, 2]), floats([3, 2, 3])], (x: tf.Tensor3D, w: tf.Tensor3D) =>
    tf.conv1d(x, w, 2, 'same'),
  ),
  smooth(
    'fused conv2d with bias and relu',
    [image, kernel, floats([3])],
    (x: T4, filter: T4, bias: tf.Tensor1D) =>
      tf.fused.conv2d({ x, filter, bias, strides: 1, pad: 'same', activation: 'relu' }),
  ),
  ...(['same', 'valid'] as const).flatMap((pad) =>
    [1, 2, 3].map((stride) =>
      smooth(
        `conv2dTranspose, ${pad}, stride ${stride}`,
        [floats([2, 3, 4, 3]), floats([3, 3, 2, 3])],
        (x: T4, w: T4) =>
          tf.conv2dTranspose(
            x,
            w,
            pad === 'same' ? [2, 3 * stride, 4 * stride, 2] : [2, 2 * stride + 3, 3 * stride + 3, 2],
            stride,
            pad,
          ),
      ),
    ),
  ),
  ...(
    [
      [1, 'same'],
      [2, 'same'],
      [1, 'valid'],
    ] as const
  ).map(([stride, pad]) =>
    smooth(
      `depthwiseConv2d, ${pad}, stride ${stride}`,
      [floats([2, 5, 4, 2]), floats([3, 2, 2, 2])],
      (x: T4, w: T4) => tf.depthwiseConv2d(x, w, stride, pad),
    ),
  ),
  smooth(
    'separableConv2d',
    [floats([1, 4, 4, 2]), floats([2, 2, 2, 1]), floats([1, 1, 2, 3])],
    (x: T4, d: T4, p: T4) => tf.separableConv2d(x, d, p, 1, 'same'),
  ),
  smooth('dilation2d', [floats([1, 4, 4, 1]), floats([2, 2, 1])], (x: T4, w: tf.Tensor3D) =>
    tf.dilation2d(x, w, 1, 'valid'),
  ),
  smooth('dilation2d, same, by 2, holes of 2', [image, floats([2, 3, 2])], (x: T4, w: tf.Tensor3D) =>
    tf.dilation2d(x, w, 2, 'same', 2),
  ),
];

const video = floats([1, 4, 3, 4, 2]);
const kernel3d = floats([2, 3, 2, 2, 3]);

export const conv3dCases: readonly Case[] = [
  ...(['same', 'valid'] as const).flatMap((pad) =>
    ([1, 2, [2, 1, 2]] as const).map((strides) =>
      smooth(`conv3d, ${pad}, strides ${strides}`, [video, kernel3d], (x: T5, w: T5) =>
        tf.conv3d(x, w, strides as number, pad),
      ),
    ),
  ),
  ...([1, 2, [2, 1, 2]] as const).map((strides) => {
    const [d, h, w] = typeof strides === 'number' ? [strides, strides, strides] : strides;
    return smooth(
      `conv3dTranspose, same, strides ${strides}`,
      [floats([1, 2, 3, 2, 3]), floats([3, 2, 3, 2, 3])],
      (x: T5, f: T5) => tf.conv3dTranspose(x, f, [1, 2 * d, 3 * h, 2 * w, 2], strides as number, 'same'),
    );
  }),
];

export const poolCases: readonly Case[] = [
  ...(
    [
      [2, 2, 'valid'],
      [3, 2, 'same'],
      [2, 1, 'same'],
      [3, 1, 'valid'],
    ] as const
  ).flatMap(([size, stride, pad]) => [
    smooth(`maxPool of ${size} by ${stride}, ${pad}`, [image], (x: T4) => tf.maxPool(x, size, stride, pad)),
    smooth(`avgPool of ${size} by ${stride}, ${pad}`, [image], (x: T4) => tf.avgPool(x, size, stride, pad)),
  ]),
  smooth('maxPool, explicit padding', [image], (x: T4) =>
    tf.maxPool(x, 3, 2, [
      [0, 0],
      [1, 1],
      [1, 0],
      [0, 0],
    ]),
  ),
  ...(['ceil', 'round'] as const).flatMap((rounding) => [
    smooth(`maxPool, ${rounding}`, [image], (x: T4) => tf.maxPool(x, 2, 2, 0, rounding)),
    smooth(`avgPool, ${rounding}`, [image], (x: T4) => tf.avgPool(x, 3, 2, 1, rounding)),
  ]),
  smooth('avgPool, padding 1, wide windows', [image], (x: T4) => tf.avgPool(x, [2, 3], [2, 1], 1)),
  smooth('avgPool of 1 x 1', [image], (x: T4) => tf.avgPool(x, 1, 1, 'same')),
  smooth('maxPool3d', [video], (x: T5) => tf.maxPool3d(x, 2, 1, 'same')),
  smooth('avgPool3d', [video], (x: T5) => tf.avgPool3d(x, 2, 2, 'same')),
];
