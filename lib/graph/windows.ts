/**
 * Numbers of windows over images and videos, from the attributes of tfjs's kernels: strides and padding by axis.
 */
import { backend_util as util, type Conv2DAttrs, type Conv3DAttrs } from '@tensorflow/tfjs-core';
import { showShape } from '../data/shape.js';
import { explicitPadding } from '../engine/index.js';
import type { Node } from './graph.js';
import { evaluate, showSize, type Size, type Sizes, symbolsOf } from './size.js';
import { UnsupportedError } from './unsupportedError.js';

type Five = [number, number, number, number, number];

/** Sizes that stand for any, if they are multiples. */
const manyTimes = [64, 65, 67, 1013];

/** The words of an error for windows whose padding depends on open sizes. */
const openWindows = (shapes: readonly (readonly Size[])[]): string =>
  `windows over images ${shapes.map((shape) => showShape(shape.map(showSize))).join(' and ')}, whose padding depends on ` +
  "open sizes: give numbers in their places, or in 'sizes' the number of which they are multiples";

/**
 * A result of shapes, such as padding, that is the same for all sizes that shapes with open ones can have.
 * @param multiples  the numbers of which open sizes are multiples
 * @throws UnsupportedError where it depends on sizes that are open
 */
export const atAnySize = <T>(
  multiples: Sizes,
  shapes: readonly (readonly Size[])[],
  make: (...shapes: number[][]) => T,
): T => {
  const symbols = shapes.flatMap((shape) => shape.flatMap(symbolsOf));
  const at = (times: number): T => {
    const sizes = Object.fromEntries(symbols.map((name) => [name, (multiples[name] ?? 1) * times]));
    return make(...shapes.map((shape) => shape.map((size) => evaluate(size, sizes))));
  };
  if (symbols.length === 0) return at(1);
  const [first, ...others] = manyTimes.map(at);
  if (others.every((other) => JSON.stringify(other) === JSON.stringify(first))) return first;
  throw new UnsupportedError(openWindows(shapes));
};

/** A number for each axis of space, from a list whose last ones they are, one number for all, or none for 1. */
export const perAxis = (value: unknown, axes: number): number[] =>
  Array.isArray(value) ? (value as number[]).slice(-axes) : Array<number>(axes).fill((value as number) ?? 1);

/** Zeros before and after along each of a window's axes, where tfjs calls them `same`. */
const samePadding = (
  sizes: readonly number[],
  window: readonly number[],
  strides: readonly number[],
): number[][] =>
  sizes.map((size, i) => {
    const total = Math.max(0, (Math.ceil(size / strides[i]) - 1) * strides[i] + window[i] - size);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });

/** Zeros before and after along each axis of space, from tfjs's name for them, a number, or a list for all axes. */
export const paddingOf = (
  pad: unknown,
  sizes: readonly number[],
  window: readonly number[],
  strides: readonly number[],
): number[][] => {
  if (pad === 'same') return samePadding(sizes, window, strides);
  if (Array.isArray(pad)) return (pad as number[][]).slice(1, -1);
  return sizes.map(() => (pad === 'valid' ? [0, 0] : [pad as number, pad as number]));
};

/** Zeros before and after along depth, height and width of a video that a convolution sees. */
const videoPadding = (
  video: readonly number[],
  filter: readonly number[],
  { strides, dilations, pad }: Conv3DAttrs,
): number[][] => {
  const { padInfo } = util.computeConv3DInfo(video as Five, filter as Five, strides, dilations, pad);
  return [
    [padInfo.front, padInfo.back],
    [padInfo.top, padInfo.bottom],
    [padInfo.left, padInfo.right],
  ];
};

const spec = (shape: number[]) => ({ shape, dtype: 'float32' as const });

/**
 * Zeros before and after along each axis of space, as a convolution has them: of images, depthwise or not, or of videos.
 * @param multiples  the numbers of which open sizes are multiples
 * @throws UnsupportedError where they depend on sizes that are open
 */
export const convolutionPadding = (
  kind: 'image' | 'depthwise' | 'video',
  { inputs: { x, filter }, attrs }: Node,
  multiples: Sizes,
): number[][] =>
  atAnySize(multiples, [x.shape, filter.shape], (seen, window) =>
    kind === 'video'
      ? videoPadding(seen, window, attrs as unknown as Conv3DAttrs)
      : explicitPadding(
          { x: spec(seen), filter: spec(window) },
          attrs as unknown as Conv2DAttrs,
          kind === 'depthwise',
        ).slice(1, 3),
  );

/** @throws UnsupportedError for images and videos whose channels are not last */
export const expectChannelsLast = ({ dataFormat = 'NHWC' }: Node['attrs']): void => {
  if (!(dataFormat as string).endsWith('C'))
    throw new UnsupportedError(`images in the order ${String(dataFormat)}`);
};
