/**
 * How what an image classifier attends to lies: pixels, or what a preprocessor makes of several.
 */
import type { ImageFeatures } from '../../modules/imagePreprocessor.js';
import type { InputGrid } from '../preset.js';
import type { ImageClassifierConfig } from './imageClassifier.js';

/** A side through one layer of `conv2dDownsample`, whose convolution and pooling halve it each. */
const downsampled = (side: number, isSymmetric: boolean): number => {
  const half = Math.ceil(side / 2);
  return isSymmetric ? Math.floor((half - 3) / 2) + 1 : Math.ceil(half / 2);
};

const sideOf = (features: ImageFeatures, side: number): number => {
  if (features.kind !== 'conv') return Math.ceil(side / features.spatialDownsample);
  const { numLayers, padding } = features;
  return Array.from({ length: numLayers }).reduce<number>(
    (length) => downsampled(length, padding === 'symmetric'),
    side,
  );
};

/** The grid of a classifier's input. */
export const imageGrid = ({ imageShape, preprocessor }: ImageClassifierConfig): InputGrid => ({
  shape: imageShape.slice(0, 2).map((side) => sideOf(preprocessor.features, side)),
  start: 0,
});
