/** The folder `orbax`: one tree in each of the layouts that Orbax writes, which must be that of `expected.npz`. */
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { array, type HostArray, toFloat32 } from '../../lib/data/array.js';
import {
  type Checkpoint,
  openCheckpoint,
  type OpenOptions,
  showCheckpointError,
} from '../../lib/checkpoint/index.js';
import { isNode } from '../../lib/engine/wasm/platform.js';
import { FileArray } from '../../lib/checkpoint/fileArray.js';
import { type Arrays, type Case, readArrays, readJson } from './case.js';
import { type Check, compare, failing } from './compare.js';

const arraysOf = ({ params, state, rest }: Checkpoint): ReadonlyMap<string, HostArray> =>
  new Map([
    ...Object.entries({ params, state }).flatMap(([part, tree]) =>
      Object.entries(tree).flatMap(([module, leaves]) =>
        Object.entries(leaves).map(([leaf, found]) => [`${part}|${module}|${leaf}`, found] as const),
      ),
    ),
    ...[...rest].flatMap(([name, value]) => (value instanceof FileArray ? [[name, value] as const] : [])),
  ]);

/** NumPy's files have no bfloat16; the stored arrays have float32 for it. */
const widened = (found: HostArray): HostArray =>
  found.dtype === 'bfloat16' ? array(found.shape, 'float32', toFloat32(found)) : found;

const check = async (path: string, expected: Arrays, options: OpenOptions): Promise<Check[]> => {
  const read = await openCheckpoint(path, options)();
  if (E.isLeft(read)) return [failing(path, showCheckpointError(read.left))];
  const found = arraysOf(read.right);
  const extra = [...found.keys()].filter((name) => !expected.has(name));
  return [
    ...extra.map((name) => failing(name, 'is not in the tree')),
    ...[...expected].map(([name, stored]) => {
      const leaf = found.get(name);
      if (!leaf) return failing(name, 'there is none');
      if (widened(leaf).dtype !== stored.dtype) return failing(name, `is ${leaf.dtype}`);
      return compare(name, widened(leaf), stored, 0);
    }),
  ];
};

/** Every layout, and each step of the manager's folder, by number and the latest. */
export const orbaxCases = (folder: string): readonly Case[] => {
  const { made } = readJson(join(folder, 'index.json')) as { readonly made: readonly string[] };
  const expected = readArrays(join(folder, 'expected.npz'));
  return made.flatMap((name) =>
    [{}, ...(name === 'manager' ? [{ step: 0 }, { step: 7 }] : [])].map((options: OpenOptions) => ({
      name: options.step === undefined ? name : `${name}, step ${options.step}`,
      ...(!isNode() && { notRun: 'checkpoints that are folders are read in Node' }),
      run: () => check(join(folder, name), expected, options),
    })),
  );
};
