/**
 * How what a model attends to lies: pixels or patches of a picture, bytes of a text, patches of a film's frames.
 */
import { type Shape, sizeOf } from '../../lib/array.js';
import type { ImageFeatures } from '../../modules/imagePreprocessor.js';
import type { AnyModel } from '../any.js';
import type { FlowConfig } from '../flow/flow.js';
import type { ImageClassifierConfig } from '../imagenet/imageClassifier.js';
import type { LanguageConfig } from '../language/language.js';
import type { MultimodalConfig } from '../multimodal/multimodal.js';

/** Elements of an input that lie on a grid. */
export interface InputGrid {
  /** [height, width] of a picture, [length] of a text, [frames, height, width] of a film. */
  readonly shape: Shape;
  /** How many elements come before them: a film's sound comes before its pictures. */
  readonly start: number;
}

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

const ofPicture = ({ imageShape, preprocessor }: ImageClassifierConfig): InputGrid => ({
  shape: imageShape.slice(0, 2).map((side) => sideOf(preprocessor.features, side)),
  start: 0,
});

const ofFilm = ({ numFrames, patchGrid, samplesPerFrame, samplesPerPatch }: MultimodalConfig): InputGrid => ({
  shape: [numFrames, patchGrid, patchGrid],
  start: Math.floor((numFrames * samplesPerFrame) / samplesPerPatch),
});

/** The grid of a model's input; none where its elements are in no order. */
export const inputGrid = ({
  card: { name },
  config,
}: Pick<AnyModel, 'card' | 'config'>): InputGrid | undefined => {
  switch (name) {
    case 'digits':
    case 'imagenet-learned':
    case 'imagenet-fourier':
    case 'imagenet-conv':
      return ofPicture(config as ImageClassifierConfig);
    case 'language':
    case 'words':
      return { shape: [(config as LanguageConfig).maxLength], start: 0 };
    case 'flow':
      return { shape: (config as FlowConfig).imageShape, start: 0 };
    case 'multimodal':
      return ofFilm(config as MultimodalConfig);
    default:
      return undefined;
  }
};

/** Number of a grid's elements. */
export const elementsOf = ({ shape }: InputGrid): number => sizeOf(shape);
