/**
 * The places of strided slices, from the attributes of tfjs's kernel. Where sizes are open, so are the places.
 */
import { slice_util as sliceUtil, type StridedSliceAttrs } from '@tensorflow/tfjs-core';
import { showShape } from '../data/shape.js';
import type { Node } from './graph.js';
import {
  evaluate,
  interpolate,
  type Probe,
  probePoints,
  showSize,
  type Size,
  type Sizes,
  symbolsOf,
} from './size.js';
import { UnsupportedError } from './unsupportedError.js';

/** The elements of one axis. */
interface Span {
  /** The first element, and the place behind the last one, or before it where the stride is negative. */
  readonly begin: number;
  readonly end: number;
  readonly stride: number;
  /** The lowest place, and one behind the highest. */
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

const spansAt = (shape: number[], begin: number[], end: number[], a: StridedSliceAttrs): Span[] => {
  const masks = [a.beginMask, a.endMask, a.ellipsisMask, a.newAxisMask, a.shrinkAxisMask] as const;
  const info = sliceUtil.sliceInfo(shape, begin, end, a.strides, ...masks);
  return info.begin.map((first, axis) => {
    const [last, stride] = [info.end[axis], info.strides[axis]];
    const count = Math.max(0, Math.ceil((last - first) / stride));
    const isBack = stride < 0 && count > 0;
    const low = isBack ? first + (count - 1) * stride : first;
    const high = isBack ? first + 1 : Math.max(first, last);
    return { begin: first, end: last, stride, low, high, count };
  });
};

/** A strided slice. */
export interface Slices {
  readonly strides: readonly number[];
  /**
   * For each axis, where it begins and ends, the lowest place and one behind the highest, or the number of elements.
   * @throws UnsupportedError where that depends on an open size in a way that is no formula, such as the larger of two
   */
  readonly sizes: (what: 'begin' | 'end' | 'low' | 'high' | 'count') => readonly Size[];
}

/**
 * The places of a strided slice.
 * @param multiples  the numbers of which open sizes are multiples
 */
export const slicesOf = ({ inputs: { x }, attrs }: Node, multiples: Sizes): Slices => {
  const a = attrs as unknown as StridedSliceAttrs;
  const given: readonly (readonly Size[])[] = [x.shape, a.begin, a.end];
  const names = [...new Set(given.flatMap((sizes) => sizes.flatMap(symbolsOf)))];
  const at = (times: number): Sizes =>
    Object.fromEntries(names.map((name) => [name, times * (multiples[name] ?? 1)]));
  const probes = names.map((name): Probe => [name, at(64)[name], at(128)[name]]);
  const near = probePoints(probes);
  const points = [...near, ...[65, 192, 1013].map(at)];
  const tried = points.map((point) => {
    const [shape, begin, end] = given.map((sizes) => sizes.map((size) => evaluate(size, point)));
    return spansAt(shape, begin, end, a);
  });
  return {
    strides: tried[0].map(({ stride }) => stride),
    sizes: (what) =>
      tried[0].map((_, axis) => {
        const values = tried.map((spans) => spans[axis][what]);
        const size = interpolate(values.slice(0, near.length), probes);
        if (points.every((point, i) => evaluate(size, point) === values[i])) return size;
        throw new UnsupportedError(
          `a strided slice of ${showShape(x.shape.map(showSize))}, whose places along axis ${axis} are no formula of the open ` +
            "sizes: give numbers in their places, or in 'sizes' the number of which they are multiples",
        );
      }),
  };
};
