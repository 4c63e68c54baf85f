/**
 * The folder `pickles`: files that must give their trees, and files that must be refused, as `index.json` says.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { array, float32, type HostArray, toFloat32 } from '../../lib/data/array.js';
import {
  type Checkpoint,
  type CheckpointError,
  flattenValue,
  npzToTree,
  parseCheckpoint,
  parsePickle,
  showCheckpointError,
} from '../../lib/checkpoint/index.js';
import { type Arrays, type Case, readArrays, readJson } from './case.js';
import { type Check, compare, compareTrees, failing } from './compare.js';

interface Index {
  readonly good: Readonly<Record<string, { readonly expect: unknown }>>;
  readonly bad: Readonly<Record<string, string>>;
}

const right = <A>(read: E.Either<CheckpointError, A>): A => {
  if (E.isLeft(read)) throw new Error(showCheckpointError(read.left));
  return read.right;
};

/** A check of something that is so or is not. */
const holds = (what: string, isSo: boolean, problem: string): Check =>
  isSo ? { array: what, error: 0, tolerance: 0 } : failing(what, problem);

const exactly = (name: string, found: HostArray, stored: HostArray): Check => compare(name, found, stored, 0);

const arraysOf = ({ params }: Checkpoint): readonly HostArray[] =>
  Object.values(params).flatMap((leaves) => Object.values(leaves));

const leafOf = ({ params }: Checkpoint, name: string): HostArray | undefined =>
  Object.values(params).find((leaves) => Object.hasOwn(leaves, name))?.[name];

/** `params+state`, `params, opt_state (named tuples), …`: the tree, and the other parts by their names. */
const checkParts = (checkpoint: Checkpoint, expected: Arrays, said: string): Check[] => {
  const others = said
    .replace(/\(.*?\)/g, '')
    .split(/[+,]\s*/)
    .slice(1)
    .map((name) => name.trim());
  const isThere = (name: string): boolean =>
    name === 'state' ? Object.keys(checkpoint.state).length > 0 : checkpoint.rest.has(name);
  return [
    ...compareTrees('params', checkpoint.params, right(npzToTree(expected)), exactly),
    ...others.map((name) => holds(name, isThere(name), 'there is none')),
  ];
};

const shapeOf = (rows: unknown): number[] => (Array.isArray(rows) ? [rows.length, ...shapeOf(rows[0])] : []);

/** Numbers that the file's one array holds, as float32. */
const checkRows = (checkpoint: Checkpoint, rows: readonly unknown[]): Check[] => {
  const [found] = arraysOf(checkpoint);
  const stored = float32(shapeOf(rows), rows.flat(Infinity) as number[]);
  return [compare('array', float32(found.shape, toFloat32(found)), stored, 0)];
};

/** Leaves by name: a number, or with `_shape` after the name a shape. */
const checkLeaves = (checkpoint: Checkpoint, expected: Readonly<Record<string, unknown>>): Check[] =>
  Object.entries(expected).map(([name, value]) => {
    const leaf = leafOf(checkpoint, name.replace(/_shape$/, ''));
    if (!leaf) return failing(name, 'there is none');
    const stored = Array.isArray(value)
      ? array(value as number[], leaf.dtype, leaf.data)
      : float32([], [value as number]);
    return exactly(name, leaf, stored);
  });

const checkWords = (bytes: Uint8Array, said: string): Check[] => {
  const checkpoint = right(parseCheckpoint(bytes));
  if (said.includes('one buffer')) {
    const [first, ...others] = arraysOf(checkpoint);
    return [holds('arrays', others.length > 0 && others.every((other) => other === first), 'are not one')];
  }
  const counts = /^(\d+) modules, (\d+) arrays$/.exec(said);
  if (counts) {
    const found = `${Object.keys(checkpoint.params).length} modules, ${arraysOf(checkpoint).length} arrays`;
    return [holds('tree', found === said, found)];
  }
  const paths = [...right(flattenValue(right(parsePickle(bytes)))).keys()].join(', ');
  return [holds('paths', paths === said, paths)];
};

const checkGood = (bytes: Uint8Array, expect: unknown, expected: Arrays): Check[] => {
  if (Array.isArray(expect)) return checkRows(right(parseCheckpoint(bytes)), expect);
  if (typeof expect === 'object' && expect !== null)
    return checkLeaves(right(parseCheckpoint(bytes)), expect as Readonly<Record<string, unknown>>);
  const said = String(expect);
  return /^(tree|params|experiment_module\.params)\b/.test(said)
    ? checkParts(right(parseCheckpoint(bytes)), expected, said)
    : checkWords(bytes, said);
};

/** An array of Python objects is inert data, and refused where a weight should be. */
const checkPlaceholder = (bytes: Uint8Array): Check[] => {
  const read = parseCheckpoint(bytes);
  const found = E.isLeft(read) ? showCheckpointError(read.left) : 'the file was read';
  return [holds('refusal', /numpy\.ndarray of Python objects, expected an array/.test(found), found)];
};

/** Refused, with the byte where it goes wrong; a name that is not allowed is named. */
const checkBad = (bytes: Uint8Array, reason: string): Check[] => {
  const before = Object.getOwnPropertyNames(Object.prototype).join();
  const read = parsePickle(bytes);
  const untouched = before === Object.getOwnPropertyNames(Object.prototype).join();
  const kind = reason === 'global not allowed' ? 'global' : 'pickle';
  if (reason === 'object arrays are refused') return checkPlaceholder(bytes);
  const error = E.isLeft(read) ? read.left : undefined;
  const isPlaced =
    error !== undefined && 'offset' in error && error.offset >= 0 && error.offset <= bytes.length;
  return [
    holds('Object.prototype', untouched, 'was touched'),
    holds(
      'refusal',
      error?.kind === kind && isPlaced,
      error ? showCheckpointError(error) : 'the file was read',
    ),
    holds('checkpoint', E.isLeft(parseCheckpoint(bytes)), 'the file was read'),
  ];
};

/** Every file of a folder. */
export const pickleCases = (folder: string): readonly Case[] => {
  const { good, bad } = readJson(join(folder, 'index.json')) as Index;
  const expected = readArrays(join(folder, 'expected.npz'));
  const bytesOf = (name: string) => new Uint8Array(readFileSync(join(folder, `${name}.pickle`)));
  return [
    ...Object.entries(good).map(([name, { expect }]) => ({
      name,
      run: () => checkGood(bytesOf(name), expect, expected),
    })),
    ...Object.entries(bad).map(([name, reason]) => ({ name, run: () => checkBad(bytesOf(name), reason) })),
  ];
};
