/**
 * Checks of what compiled models and steps are given: an input that is missing, of another type or shape than the model takes,
 * or that nothing reads, is named with what was expected.
 */
import { sizeOf } from '../data/array.js';
import { isArray, tensorType } from '../data/leaf.js';
import { isRecord, mapNest } from '../data/nest.js';
import { ShapeError, showShape } from '../data/shape.js';
import type { Graph, Value } from '../graph/graph.js';
import { type Names, partName } from '../graph/names.js';
import type { OpenSpec } from '../graph/openSizes.js';
import { showSize } from '../graph/size.js';
import { isKey } from '../graph/traceFunction.js';
import { isSpec } from '../language/outline.js';
import { isPart } from './runtimeState.js';

/** The inputs that a model takes, as far as they are known: those of presets are, those of other layers are not. */
export interface Taken {
  readonly openInputs?: readonly unknown[];
  readonly names?: Names;
}

type Path = readonly (string | number)[];

const showFound = (part: unknown): string => {
  if (isKey(part)) return 'a random key';
  if (isArray(part)) return `${part.dtype} ${showShape(part.shape)}`;
  if (part === undefined || part === null) return String(part);
  if (ArrayBuffer.isView(part)) return `a ${part.constructor.name}`;
  if (isSpec(part)) return `the shape ${showShape(part.shape)} without numbers`;
  return Array.isArray(part) ? 'a list' : isRecord(part) ? 'an object' : `${typeof part} ${String(part)}`;
};

const sizesOf = ({ shape }: OpenSpec): string[] =>
  shape.map((size) => (typeof size === 'string' ? size : showSize(size)));

const showSpec = (spec: OpenSpec): string => `${spec.dtype ?? 'float32'} ${showShape(sizesOf(spec))}`;

/** True where an array is of the type, and has the axes and the fixed sizes, that are expected. */
const fits = (found: unknown, { shape, dtype = 'float32' }: OpenSpec): boolean =>
  isArray(found) &&
  tensorType(found as never) === dtype &&
  found.shape.length === shape.length &&
  shape.every((size, axis) => typeof size !== 'number' || found.shape[axis] === size);

const at = (nest: unknown, path: Path): unknown =>
  path.reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], nest);

/** The name of an input, or of a part of one: `'image'`, `'inputs.audio'`, `0`. */
export const nameOf = ([first, ...rest]: Path, names: Names | undefined): string => {
  const name = names?.inputs?.[first as number];
  return name === undefined ? [first, ...rest].join('.') : `'${partName(name, rest)}'`;
};

/** The paths of arrays and random keys, in their order. */
export const partPaths = (nest: unknown): readonly Path[] => {
  const paths: Path[] = [];
  mapNest(nest, isPart, (_part, path) => void paths.push(path));
  return paths;
};

/**
 * Refuses typed arrays without a shape, shapes without numbers, and arrays with another number of elements.
 * @param whereOf  the function that was given the array at a path, and the array as errors name it
 * @throws TypeError that names the first one
 */
export const expectArrays = (nest: unknown, whereOf: (path: Path) => string): void => {
  const isData = (part: unknown): part is object => isArray(part) || isSpec(part) || ArrayBuffer.isView(part);
  mapNest(nest, isData, (part, path) => {
    const where = whereOf(path);
    if (!isArray(part))
      throw new TypeError(
        `${where} is ${showFound(part)}, expected an array with ${isSpec(part) ? 'its numbers' : 'a shape'}, such as float32([2, 3], numbers)`,
      );
    if ('data' in part && !('dataSync' in part) && part.data.length !== sizeOf(part.shape))
      throw new TypeError(
        `${where} is ${showFound(part)} with ${part.data.length} elements, expected ${sizeOf(part.shape)}`,
      );
  });
};

/** Tells lists of numbers, of any depth. */
const isNumbers = (part: unknown): boolean =>
  Array.isArray(part) && part.length > 0 && part.flat(Infinity).every((each) => typeof each === 'number');

/** The first input that a model does not take as it is, with what it takes; undefined where all fit. */
const misfit = (inputs: readonly unknown[], { openInputs = [], names }: Taken): string | undefined => {
  let found: string | undefined;
  mapNest(openInputs, isSpec, (spec, path) => {
    const given = at(inputs, path);
    if (!fits(given, spec as OpenSpec))
      found ??= `input ${nameOf(path, names)} is ${showFound(given)}, expected ${showSpec(spec as OpenSpec)}`;
  });
  if (found !== undefined) return found;
  const missing = inputs.findIndex((input) => input === undefined || input === null);
  if (missing >= 0) return `input ${missing} is ${showFound(inputs[missing])}`;
  const list = inputs.findIndex(isNumbers);
  if (list >= 0)
    return `input ${list} is a list of numbers, expected an array, such as float32([1, 3], [1, 2, 3])`;
  return inputs.length === 0 ? 'there is no input' : undefined;
};

/** The error of weights whose shapes are not those that the inputs ask for, with the inputs. */
export const withShapes = (error: unknown, inputs: readonly unknown[], taken: Taken): unknown => {
  if (!(error instanceof ShapeError)) return error;
  const found = misfit(inputs, taken);
  const parts = partPaths(inputs).map(
    (path) => `input ${nameOf(path, taken.names)} is ${showFound(at(inputs, path))}`,
  );
  error.message = `compile: ${found ?? `${parts.join(', ')}, for which other weights are needed`} (${error.message})`;
  return error;
};

/** The error of a model that cannot take its inputs, with the input that is the likeliest reason. */
export const withMisfit = (error: unknown, inputs: readonly unknown[], taken: Taken): unknown => {
  const found = misfit(inputs, taken);
  if (found !== undefined && error instanceof Error) error.message = `compile: ${found} (${error.message})`;
  return error;
};

const valuesRead = ({ nodes, outputs }: Graph): ReadonlySet<Value> =>
  new Set([...nodes.flatMap(({ inputs }) => Object.values(inputs)), ...outputs.map(({ value }) => value)]);

/** @throws TypeError for inputs beyond those that a model names, if nothing in its graph reads them */
export const expectRead = (graph: Graph, inputs: readonly unknown[], { openInputs, names }: Taken): void => {
  if (!openInputs) return;
  const read = valuesRead(graph);
  const values = graph.inputs[Symbol.iterator]();
  mapNest(inputs, isPart, (part, path) => {
    const value = values.next().value as Value;
    if (read.has(value) || isSpec(at(openInputs, path))) return;
    const known: string[] = [];
    mapNest(
      openInputs,
      isSpec,
      (spec, each) => void known.push(`${nameOf(each, names)} ${showSpec(spec as OpenSpec)}`),
    );
    throw new TypeError(
      `compile: input ${nameOf(path, names)} is ${showFound(part)}, which the model does not read; expected ${known.join(', ')}`,
    );
  });
};

/** The arrays of a batch as text: `{ x: float32 [8, 3] }`. */
export const showBatch = (batch: unknown): string => {
  if (isArray(batch) || !(isRecord(batch) || Array.isArray(batch))) return showFound(batch);
  const parts: string[] = [];
  const isEnd = (part: unknown): part is unknown =>
    isArray(part) || isKey(part) || ArrayBuffer.isView(part) || !(isRecord(part) || Array.isArray(part));
  mapNest(batch, isEnd, (part, path) => void parts.push(`${path.join('.')}: ${showFound(part)}`));
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
};
