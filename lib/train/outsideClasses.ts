/**
 * Labels outside of the classes. A step reads no values, so that a loss makes such a label's loss NaN, and the loop stops
 * there; the search for the cause watches the labels that losses are given, and names them.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../data/array.js';
import { placeAt } from '../data/shape.js';
import { unrecorded } from '../engine/index.js';

/** Labels that a loss was given, of any shape. */
export interface LabelsSeen {
  readonly labels: tf.Tensor;
  readonly numClasses: number;
}

let watcher: ((seen: LabelsSeen) => void) | undefined;

/** The result of a function; labels that losses in it are given are shown to `watch`. */
export const watchingLabels = <A>(watch: (seen: LabelsSeen) => void, f: () => A): A => {
  const before = watcher;
  watcher = watch;
  try {
    return f();
  } finally {
    watcher = before;
  }
};

/** 0 for labels of classes and NaN for others, of the labels' shape. No gradient goes through it. */
export const markOutside = ({ labels, numClasses }: LabelsSeen): tf.Tensor =>
  unrecorded(() => {
    const isInside = tf.logicalAnd(tf.greaterEqual(labels, 0), tf.less(labels, numClasses));
    return tf.div(0, isInside);
  });

/** The same for a loss, to be added to what it makes of the labels; the labels are shown to whoever watches. */
export const nanOutside = (seen: LabelsSeen): tf.Tensor => {
  watcher?.(seen);
  return markOutside(seen);
};

/** The first label outside of the classes: its value, and its place by axes. */
export const firstOutside = (
  { shape, data: values }: HostArray,
  numClasses: number,
): { readonly label: number; readonly place: readonly number[] } | undefined => {
  const data = values as Int32Array;
  const index = data.findIndex((label) => !(label >= 0 && label < numClasses));
  return index < 0 ? undefined : { label: data[index], place: placeAt(shape, index) };
};
