/**
 * Every operation that layers may use, with small inputs: the table that the tests of shapes, kernels and gradients
 * go through. One entry is a name, inputs, and a function of them.
 */
import * as tf from '@tensorflow/tfjs-core';
import { conv2dCases, conv3dCases, poolCases } from './operations/windows.js';
import { productCases } from './operations/products.js';
import { elementwiseCases } from './operations/elementwise.js';
import { arrangementCases } from './operations/arrangement.js';
import { otherCases } from './operations/others.js';
import type { Case } from './operations/case.js';

export type { Case, Input } from './operations/case.js';

export const cases: readonly Case[] = [
  ...elementwiseCases,
  ...arrangementCases,
  ...productCases,
  ...conv2dCases,
  ...conv3dCases,
  ...poolCases,
  ...otherCases,
];

/** The case's inputs as tensors of the backend that runs. */
export const tensorsOf = ({ inputs }: Case): tf.Tensor[] =>
  inputs.map(({ values, shape, dtype }) => tf.tensor([...values], [...shape], dtype));

/** The case's outputs in a row. */
export const outputsOf = (run: Case['run'], xs: tf.Tensor[]): tf.Tensor[] => [run(...xs)].flat();
