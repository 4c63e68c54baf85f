/**
 * Checks of train states and keys where somebody hands them in: that all parts are there, and that the optimizer's
 * arrays are those of the leaves that train. Kernels compute on the arrays as they are told, and look at nothing.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from '../data/array.js';
import { few } from '../data/few.js';
import { isTensor, type Leaf } from '../data/leaf.js';
import { isRecord } from '../data/nest.js';
import { sameShape, showShape } from '../data/shape.js';
import { expectTree, kindOf } from '../data/weights.js';
import { Leaves } from './leaves.js';
import type { OptimizerState } from './transformation.js';

/** @throws TypeError for what is no random key */
export const expectKey = (where: string, key: unknown): void => {
  if (isRecord(key) && Array.isArray(key.words)) return;
  throw new TypeError(`${where}: the key is ${kindOf(key)}, expected a random key, such as key(0)`);
};

const isArrayOf = (value: unknown, shape: Shape): boolean =>
  typeof value === 'object' &&
  value !== null &&
  'dtype' in value &&
  'shape' in value &&
  sameShape((value as Leaf).shape, shape);

/**
 * Refuses what is no train state.
 * @param where  the function that was given it
 * @throws TypeError
 */
export const expectTrainState = (where: string, state: unknown): void => {
  const expected = 'expected a train state, as step.init and steps give it';
  if (!isRecord(state)) throw new TypeError(`${where}: the state is ${kindOf(state)}, ${expected}`);
  if (typeof state.read === 'function')
    throw new TypeError(
      `${where}: the state is one that a compiled step returned, ${expected}: read it before, await state.read()`,
    );
  const parts = ['params', 'state', 'optimizer', 'step', 'key'];
  const missing = parts.filter((name) => state[name] === undefined || state[name] === null);
  if (missing.length > 0)
    throw new TypeError(`${where}: the state has no ${missing.join(', ')}, ${expected}`);
  expectTree(`${where}: params of the state is`, state.params);
  expectTree(`${where}: state of the state is`, state.state);
  if (!isArrayOf(state.step, []))
    throw new TypeError(`${where}: step of the state is no array [], ${expected}`);
  if (!isArrayOf(state.key, [2]) || isTensor(state.key))
    throw new TypeError(`${where}: key of the state is no host array [2], ${expected}`);
};

/** The shapes of an optimizer's arrays by their names; parts without arrays, such as a decay's, count too. */
const shapesOf = (nest: unknown, name: string): readonly (readonly [string, string])[] => {
  if (nest instanceof tf.Tensor) return [[name, showShape(nest.shape)]];
  if (nest instanceof Leaves)
    return nest.layout.slots.map(({ path, shape }) => [`${name}/${path}`, showShape(shape)]);
  if (typeof nest !== 'object' || nest === null) return [[name, kindOf(nest)]];
  if (Object.keys(nest).length === 0) return [[name, 'empty']];
  return Object.entries(nest).flatMap(([each, part]) => shapesOf(part, `${name}/${each}`));
};

/** Problems that an error names, at most. */
const named = 3;

/**
 * Refuses an optimizer's state, or an average, that is not like another.
 * @throws RangeError with the arrays that differ, by name
 */
export const expectAlikeState = (
  where: string,
  found: Readonly<Record<string, unknown>>,
  like: Readonly<Record<string, OptimizerState>>,
): void => {
  const of = (nest: Readonly<Record<string, unknown>>) =>
    new Map(Object.entries(nest).flatMap(([name, part]) => shapesOf(part, name)));
  const [own, wanted] = [of(found), of(like)];
  const problems = [
    ...[...wanted].flatMap(([name, shape]) => {
      const other = own.get(name);
      if (other === shape) return [];
      return [other === undefined ? `'${name}' is missing` : `'${name}' is ${other}, expected ${shape}`];
    }),
    ...[...own.keys()].filter((name) => !wanted.has(name)).map((name) => `'${name}' is not of this step`),
  ];
  if (problems.length === 0) return;
  throw new RangeError(
    `${where}: the state is of another optimizer, of other leaves that train, or of another moving average: ` +
      `${few(problems, named).join('; ')}. Make it with this step's init`,
  );
};
