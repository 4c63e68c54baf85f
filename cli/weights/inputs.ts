/**
 * Inputs of a model in order: from a file, from the held-out data of the package, those of `renga verify`, or normal numbers.
 * They are checked against the shapes that the model takes.
 */
import { readFile } from 'node:fs/promises';
import { map as mapRecord } from 'fp-ts/lib/Record.js';
import { type CheckpointError, parseNpz, showCheckpointError } from '../../lib/checkpoint/index.js';
import { array, float32, type HostArray, int32, toFloat32 } from '../../lib/data/array.js';
import { few } from '../../lib/data/few.js';
import { showInputError } from '../../lib/data/inputError.js';
import { isTensor, toHostSync, toTensor } from '../../lib/data/leaf.js';
import { mapNest } from '../../lib/data/nest.js';
import { showShape } from '../../lib/data/shape.js';
import { readBytes } from '../../lib/files/bytes.js';
import { namer, partName } from '../../lib/graph/names.js';
import { isSymbolic, type Sizes } from '../../lib/graph/size.js';
import { isSpec } from '../../lib/language/outline.js';
import { foldIn, key, normal } from '../../lib/random/index.js';
import { heldOutDigits } from '../../presets/digits/verify.js';
import { originals, prepare, type Verification } from '../../presets/verify/verify.js';
import { heldOutWords } from '../../presets/words/verify.js';
import { readArrays } from '../demo/readArrays.js';
import { Failure, orFail, runOrFail, UsageError } from '../failure.js';
import { inputPath } from '../paths.js';
import type { Weighed } from './subject.js';

type Arrays = Readonly<Record<string, HostArray>>;

/** Names of the arrays in the package's files for a model's inputs. */
const heldOut: Readonly<Record<string, { readonly url: URL; readonly inputs: readonly string[] }>> = {
  words: { url: heldOutWords, inputs: ['inputs', 'mask'] },
  digits: { url: heldOutDigits, inputs: ['images'] },
};

/** One input as the model takes it. */
interface Port {
  readonly name: string;
  readonly shape: readonly unknown[];
  readonly dtype: string;
}

/** A model's inputs in order, and the arrays that came with them. */
export interface Given {
  readonly inputs: readonly HostArray[];
  readonly arrays: Arrays;
  /** Their origin, as errors name it. */
  readonly where: string;
  /** The numbers that the open sizes have in these inputs. */
  readonly sizes: Sizes;
}

/** The inputs under the names that an exported model gives them. */
const portsOf = ({ openInputs, names }: Weighed): readonly Port[] => {
  const unique = namer();
  const ports: Port[] = [];
  (openInputs as readonly unknown[]).forEach((spec, i) =>
    mapNest(spec, isSpec, ({ shape, dtype = 'float32' }, path) => {
      const name = unique(partName(names.inputs?.[i] ?? 'input', path) || 'input');
      ports.push({ name, shape, dtype });
    }),
  );
  return ports;
};

const showPort = ({ name, shape, dtype }: Port): string => `${name} [${shape.join(', ')}] ${dtype}`;

const asType = (given: HostArray, dtype: string): HostArray =>
  dtype === 'int32'
    ? int32(given.shape, Array.from(given.data as Int32Array, Number))
    : dtype === 'bool'
      ? array(given.shape, 'bool', Uint8Array.from(given.data as Int32Array, Number))
      : float32(given.shape, toFloat32(given));

/** The open sizes' numbers, where every array has a shape that its input takes; a failure that lists those that do not. */
const sizesOf = (ports: readonly Port[], inputs: readonly HostArray[], where: string): Sizes => {
  const sizes: Record<string, number> = {};
  const problems = ports.flatMap((port, i) => {
    const { shape } = inputs[i];
    const fits =
      shape.length === port.shape.length &&
      port.shape.every((size, axis) => {
        if (isSymbolic(size)) return true;
        if (typeof size === 'string') return shape[axis] > 0 && (sizes[size] ??= shape[axis]) === shape[axis];
        return size === shape[axis];
      });
    const wanted = port.shape.map((size) =>
      typeof size === 'string' ? (sizes[size] ?? size) : String(size),
    );
    return fits ? [] : [`${port.name}: found ${showShape(shape)}, expected [${wanted.join(', ')}]`];
  });
  const empty = inputs.some(({ data }) => data.length === 0) ? '; there has to be at least one example' : '';
  if (problems.length > 0) throw new Failure(`${where}: ${problems.join('; ')}${empty}`);
  return sizes;
};

const inOrder = (model: Weighed, arrays: Arrays, names: readonly string[], where: string): Given => {
  const ports = portsOf(model);
  const missing = names.filter((name) => !Object.hasOwn(arrays, name));
  if (missing.length > 0) {
    const has = few(Object.keys(arrays)).join(', ');
    throw new Failure(
      `${where}: found ${has === '' ? 'no arrays' : `the arrays ${has}`}, expected ${ports.map(showPort).join(', ')}`,
    );
  }
  const inputs = ports.map(({ dtype }, i) => asType(arrays[names[i]], dtype));
  return { arrays, inputs, where, sizes: sizesOf(ports, inputs, where) };
};

const arraysOfFile = async (path: string): Promise<Arrays> => {
  const bytes = await runOrFail(showInputError, readBytes(inputPath(path)));
  const show = (error: CheckpointError) => `--inputs ${path}: ${showCheckpointError(error)}`;
  return Object.fromEntries(orFail(show)(parseNpz(bytes)));
};

/** The arrays in what a model is called with, in order; points are lists of numbers. */
const arraysIn = (part: unknown): HostArray[] => {
  if (isTensor(part)) return [toHostSync(part)];
  if (Array.isArray(part) && part.every((n) => typeof n === 'number')) return [int32([part.length], part)];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(arraysIn) : [];
};

/** The inputs that `renga verify` computes with. */
const ofVerification = async (name: string): Promise<readonly HostArray[]> => {
  const { file } = await originals[name]();
  const verification = JSON.parse(await readFile(file, 'utf8')) as Verification;
  const { program, inputs } = orFail((problem: string) => problem)(await prepare(verification));
  return arraysIn(program.argumentsOf(mapRecord(toTensor)(inputs.arrays), inputs.points));
};

/** Normal numbers for a batch of one. */
const drawn = (ports: readonly Port[]): readonly HostArray[] | undefined => {
  const shapes = ports.map(({ shape }) => shape.map((size) => (size === 'batch' ? 1 : size)));
  const isKnown = (shape: readonly unknown[]): shape is number[] =>
    shape.every((size) => typeof size === 'number');
  if (!shapes.every(isKnown) || ports.some(({ dtype }) => dtype !== 'float32')) return undefined;
  return shapes.map((shape, i) => normal(foldIn(key(0), i), shape));
};

/**
 * The inputs for a model.
 * @param path  an `.npz` with an array for each input of the model, under its name
 * @param isPublished  true for a preset at its published config
 */
export const givenFor = async (
  model: Weighed,
  path: string | undefined,
  isPublished: boolean,
): Promise<Given> => {
  const ports = portsOf(model);
  const names = ports.map(({ name }) => name);
  if (path !== undefined) return inOrder(model, await arraysOfFile(path), names, `--inputs ${path}`);
  const { name } = model.card;
  const known = isPublished && Object.hasOwn(heldOut, name) ? heldOut[name] : undefined;
  if (known) return inOrder(model, await readArrays(known.url), known.inputs, known.url.href);
  const isVerified = isPublished && Object.hasOwn(originals, name);
  const arrays = isVerified ? await ofVerification(name) : drawn(ports);
  if (!arrays)
    throw new UsageError(
      `no inputs are known for ${name}: --inputs names an .npz with ${ports.map(showPort).join(', ')}`,
    );
  const named = Object.fromEntries(arrays.map((each, i) => [names[i], each]));
  return inOrder(model, named, names, `the inputs of ${name}`);
};
