/**
 * Shape kernels for every kernel of tfjs whose result's shape follows from shapes and attributes alone.
 */
import { arrangement } from './arrangement.js';
import { elementwise } from './elementwise.js';
import type { ShapeKernels } from './kernel.js';
import { products } from './products.js';
import { reductions } from './reductions.js';
import { windows } from './windows.js';

export type { ShapeKernel, ShapeKernels, Spec } from './kernel.js';

export const shapeKernels: ShapeKernels = {
  ...elementwise,
  ...reductions,
  ...arrangement,
  ...products,
  ...windows,
};

/** Kernels whose result's shape depends on the values that they are given, and so cannot be known without data. */
export const dataDependent: readonly string[] = [
  ...['NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5', 'Unique'],
  ...['SparseFillEmptyRows', 'SparseReshape', 'SparseSegmentMean', 'SparseSegmentSum'],
  ...['RaggedGather', 'RaggedRange', 'RaggedTensorToTensor', 'StringNGrams', 'StringSplit', 'Draw'],
];
