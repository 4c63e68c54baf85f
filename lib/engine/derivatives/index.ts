/**
 * The derivatives that this library registers with tfjs. They hold for every backend, and are JAX's where tfjs
 * and JAX differ: ties share the cotangent, conditions get zeros.
 */
import * as tf from '@tensorflow/tfjs-core';
import { arrangement } from './arrangement.js';
import { binary } from './binary.js';
import { elementwise } from './elementwise.js';
import { images } from './images.js';
import { indexing } from './indexing.js';
import { products } from './products.js';
import { reductions } from './reductions.js';
import { windows } from './windows.js';

const rules: readonly tf.GradConfig[] = [
  ...[...elementwise, ...binary, ...reductions],
  ...[...arrangement, ...indexing, ...products, ...windows, ...images],
];

/** Registers every rule; doing it again changes nothing. */
export const registerDerivatives = (): void => rules.forEach((each) => tf.registerGradient(each));
