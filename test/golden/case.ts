/**
 * A stored case: what a program was given and what the original made of it, from the names of an `.npz`'s arrays.
 */
import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../../lib/data/array.js';
import { npzToTree, parseNpz, showCheckpointError } from '../../lib/checkpoint/index.js';
import type { Key, Mode } from '../../lib/random/index.js';
import type { Tree } from '../../lib/data/tree.js';
import type { Check } from './compare.js';

export type Arrays = ReadonlyMap<string, HostArray>;
export type Named = Readonly<Record<string, HostArray>>;

/** Inputs, parameters and results of the original. */
export interface Golden {
  readonly inputs: Named;
  readonly params: Tree<HostArray>;
  readonly state: Tree<HostArray>;
  /** By name; the first of several, or one alone, may have the name ''. */
  readonly outputs: Named;
  readonly newState?: Tree<HostArray>;
  /** State that init leaves; `state` if not stored. */
  readonly initState?: Tree<HostArray>;
  /** Arrays under another prefix, as a tree. */
  readonly under: (prefix: string) => Tree<HostArray>;
  /** Parameters that init gives for `initKey`. */
  readonly init?: Tree<HostArray>;
  readonly initKey?: Key;
  /** The key handed to apply. */
  readonly key?: Key;
  /** Gradients of sum(first output · cotangent). */
  readonly gradient?: {
    readonly cotangent: HostArray;
    readonly params: Tree<HostArray>;
    readonly inputs: Named;
  };
}

const rightOf = <A>(path: string, read: E.Either<Parameters<typeof showCheckpointError>[0], A>): A => {
  if (E.isLeft(read)) throw new Error(`${path}: ${showCheckpointError(read.left)}`);
  return read.right;
};

/** The arrays of an `.npz`. @throws Error when it is not one */
export const readArrays = (path: string): Arrays => rightOf(path, parseNpz(readFileSync(path)));

/** The arrays under a prefix, without it. */
const under = (arrays: Arrays, prefix: string): Arrays =>
  new Map(
    [...arrays].flatMap(([name, array]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), array]] : [],
    ),
  );

/** The tree of the arrays under a prefix. */
export const treeUnder = (arrays: Arrays, prefix: string): Tree<HostArray> =>
  rightOf(prefix, npzToTree(under(arrays, prefix)));

const namedUnder = (arrays: Arrays, prefix: string): Named => Object.fromEntries(under(arrays, prefix));

/** The key whose two words an array holds. */
export const keyOf = ({ data }: HostArray, mode: Mode = 'partitionable'): Key => ({
  mode,
  words: [Number(data[0]), Number(data[1])],
});

const keyAt = (arrays: Arrays, name: string): Key | undefined => {
  const words = arrays.get(name);
  return words && keyOf(words);
};

const outputsOf = (arrays: Arrays): Named => {
  const first = arrays.get('out');
  return { ...(first && { '': first }), ...namedUnder(arrays, 'out/') };
};

const isAny = (arrays: Arrays, prefix: string): boolean =>
  [...arrays.keys()].some((name) => name.startsWith(prefix));

/** Reads a case's arrays by their names. */
export const goldenOf = (arrays: Arrays): Golden => {
  const cotangent = arrays.get('cotangent');
  return {
    inputs: namedUnder(arrays, 'in/'),
    params: treeUnder(arrays, 'param/'),
    state: treeUnder(arrays, 'state/'),
    outputs: outputsOf(arrays),
    newState: isAny(arrays, 'newstate/') ? treeUnder(arrays, 'newstate/') : undefined,
    under: (prefix) => treeUnder(arrays, prefix),
    initState: isAny(arrays, 'init_state/') ? treeUnder(arrays, 'init_state/') : undefined,
    init: isAny(arrays, 'init/') ? treeUnder(arrays, 'init/') : undefined,
    initKey: keyAt(arrays, 'init_key'),
    key: keyAt(arrays, 'rng'),
    gradient: cotangent && {
      cotangent,
      params: treeUnder(arrays, 'grad_param/'),
      inputs: namedUnder(arrays, 'grad_in/'),
    },
  };
};

/** One case, ready to be run. */
export interface Case {
  readonly name: string;
  readonly run: () => Check[] | Promise<Check[]>;
  /** The reason why the case is not run; undefined for cases that are. */
  readonly notRun?: string;
}

/** One line of a folder's `index.json`. */
export interface IndexEntry {
  readonly case: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly tolerance: number;
  readonly source?: string;
  readonly call?: Readonly<Record<string, unknown>>;
  readonly program?: string;
  /** Number of calls in a row, the state handed on. */
  readonly calls?: number;
  /** The output whose product with the cotangent is differentiated; the first if not given. */
  readonly cotangent_of?: string;
  /** An output that is added to that product. */
  readonly loss_added?: string;
  readonly wiring?: string;
}

/** JSON of a file, without a promise about its form. */
export const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
