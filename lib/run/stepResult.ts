/** Checks of what a step returns: a state like the one that it was given, and metrics that are one number each. */
import { isRecord, mapNest } from '../data/nest.js';
import { showShape } from '../data/shape.js';
import { isKey, type TracedFunction } from '../graph/traceFunction.js';
import { isArray } from '../data/leaf.js';
import { isPart, keyOf, typeOf } from './runtimeState.js';

/** A path as errors show it. */
const shown = (path: string): string => `'${path.split('\n').join('.')}'`;

const showPart = (part: unknown): string => {
  if (isKey(part)) return 'a random key';
  if (isArray(part)) return `${typeOf(part)} ${showShape(part.shape)}`;
  return part === undefined ? 'nothing' : isRecord(part) ? 'an object' : `${JSON.stringify(part)}`;
};

/** The parts of a nest that are no containers, by path. */
const partsByPath = (nest: unknown, isWhole: (part: unknown) => boolean): ReadonlyMap<string, unknown> => {
  const found = new Map<string, unknown>();
  const isEnd = (part: unknown): part is unknown =>
    isWhole(part) || !(Array.isArray(part) || isRecord(part)) || part === undefined;
  mapNest(nest, isEnd, (part, path) => part !== undefined && found.set(keyOf(path), part));
  return found;
};

/** @throws TypeError where a step gives no state like the one that it takes, or metrics that are no scalars */
export const checkResult = ({ result, outputs }: TracedFunction, state: unknown): void => {
  if (!isRecord(result) || !('state' in result) || !isRecord(result.metrics))
    throw new TypeError(
      'compileStep: the step returned no { state, metrics }, expected the next state and a record of scalars, as the steps of trainStep give',
    );
  const values = new Map(outputs.map(({ name, value }) => [name, value]));
  for (const [name, output] of Object.entries(result.metrics)) {
    const value = values.get(output as string);
    if (!value)
      throw new TypeError(
        `compileStep: metric '${name}' is ${showPart(output)}, expected a tensor, such as tf.scalar(1)`,
      );
    if (value.shape.some((size) => size !== 1))
      throw new TypeError(
        `compileStep: metric '${name}' is of shape ${showShape(value.shape as number[])}, expected one number: take its mean or sum, or name each number`,
      );
  }
  const isOutput = (part: unknown): boolean => typeof part === 'string' && values.has(part);
  const [given, next] = [partsByPath(state, isPart), partsByPath(result.state, isOutput)];
  for (const path of new Set([...given.keys(), ...next.keys()])) {
    const [before, after] = [given.get(path), next.get(path)];
    const value = isOutput(after) ? values.get(after as string) : undefined;
    const found = value ? `${value.dtype} ${showShape(value.shape as number[])}` : showPart(after);
    const isSame =
      isPart(before) && value ? isKey(before) || found === showPart(before) : Object.is(before, after);
    if (isSame) continue;
    throw new TypeError(
      `compileStep: the step was given ${showPart(before)} at ${shown(path)} of the state and returned ${found} there, expected the same types and shapes, and values other than arrays unchanged: hold what changes in arrays`,
    );
  }
};
