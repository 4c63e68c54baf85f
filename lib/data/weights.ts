/**
 * Checks of weights where somebody hands them in: a tree of arrays is two levels of records, and anything else would be
 * met as an error of JavaScript further inside.
 */
import type { Weights } from './leaf.js';
import { isRecord } from './nest.js';
import { flatten, type Tree } from './tree.js';

/** The kind of a value that is no array, for errors: `null`, `of type number`, `a list`. */
export const kindOf = (found: unknown): string =>
  found === null ? 'null' : Array.isArray(found) ? 'a list' : `of type ${typeof found}`;

/** Tells whether a value is an array, on the host or on the engine, or the spec of one. Values in files are not loaded. */
const isLeaf = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'shape' in value && Array.isArray(value.shape);

const source = 'as init and adopt give them';

/**
 * Refuses what is no tree of arrays.
 * @param what  the argument in words, with the verb: 'step.init: params of the weights is'
 * @throws TypeError
 */
export const expectTree = (what: string, tree: unknown): void => {
  const refuse = (found: string): never => {
    throw new TypeError(
      `${what} ${found}, expected a tree of arrays, { module: { leaf: array } }, ${source}`,
    );
  };
  if (!isRecord(tree)) refuse(kindOf(tree));
  const modules = Object.entries(tree as Readonly<Record<string, unknown>>);
  const other = modules.find(([, leaves]) => !isRecord(leaves) || isLeaf(leaves));
  if (other)
    refuse(`a record whose '${other[0]}' is ${isLeaf(other[1]) ? 'an array' : kindOf(other[1])}, no module`);
  const wrong = flatten(tree as Tree<unknown>).find(([, leaf]) => !isLeaf(leaf));
  if (wrong) refuse(`a tree whose leaf '${wrong[0]}' is ${kindOf(wrong[1])}, no array`);
};

/**
 * Refuses what are no weights.
 * @throws TypeError
 */
export const expectWeights = (where: string, weights: unknown): void => {
  if (typeof weights !== 'object' || weights === null)
    throw new TypeError(
      `${where}: the weights are ${kindOf(weights)}, expected { params, state }, ${source}`,
    );
  const { params, state } = weights as Partial<Weights>;
  expectTree(`${where}: params of the weights is`, params);
  if (state !== undefined) expectTree(`${where}: state of the weights is`, state);
};
