/**
 * A checkpoint: parameters, state, and whatever else was saved beside them. The forms in which Haiku programs save
 * are told apart here; the formats are other files' matter.
 */
import type { either as E } from 'fp-ts';
import type { HostArray } from '../array.js';
import type { Tree } from '../tree.js';
import type { CheckpointError } from './error.js';
import { attempt, refuse } from './error.js';
import { isNpy } from './npy.js';
import { readNpz } from './npz.js';
import { namedArrays, treeOfNames } from './npzTree.js';
import { readPickle } from './pickle.js';
import type { PickleDict, PickleValue } from './pickleValue.js';
import { isContainer } from './pickleValue.js';
import { isZip } from './unzip.js';
import { readTree, refuseTree } from './valueTree.js';

export interface Checkpoint {
  readonly format: 'pickle' | 'npz';
  readonly params: Tree<HostArray>;
  /** Empty where the model has none. */
  readonly state: Tree<HostArray>;
  /** What else the file holds (optimizer state, step, random key), as data. */
  readonly rest: ReadonlyMap<string, PickleValue>;
}

/**
 * The checkpoint in the bytes of a `.pickle`, `.pystate` or `.npz` file, told apart by their contents.
 *
 * Known forms: a mapping of modules; `{params, state, …}`; jaxline's `{experiment_module: {params, state, …}, …}`; in
 * an `.npz`, arrays named `module/leaf`, or `params/module/leaf` and `state/module/leaf`. Arrays are views of the
 * bytes, which must not be changed afterwards.
 */
export const parseCheckpoint = (bytes: Uint8Array): E.Either<CheckpointError, Checkpoint> =>
  attempt(() => {
    if (isZip(bytes)) return ofNpz(readNpz(bytes));
    if (isNpy(bytes))
      refuseTree([{ path: '', found: 'a single array (.npy)', expected: 'a mapping of modules' }]);
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
      refuse({ kind: 'pickle', offset: 0, problem: 'compressed by gzip; unpack it first' });
    }
    return ofPickle(readPickle(bytes));
  });

const ofPickle = (value: PickleValue): Checkpoint => {
  const parts = namedParts(value);
  if (!parts) return { format: 'pickle', params: readTree(value), state: {}, rest: new Map() };
  return {
    format: 'pickle',
    params: readTree(parts.get('params') ?? emptyDict, ['params']),
    state: readTree(parts.get('state') ?? emptyDict, ['state']),
    rest: new Map([...parts].filter(([name]) => name !== 'params' && name !== 'state')),
  };
};

const emptyDict: PickleDict = { kind: 'dict', offset: 0, entries: new Map() };

/** The named parts of a file that holds more than a tree; undefined for a bare tree. */
const namedParts = (value: PickleValue): ReadonlyMap<string, PickleValue> | undefined => {
  const parts = textEntries(value);
  const module = parts.get('experiment_module');
  if (module !== undefined && isTreeOfMappings(textEntries(module).get('params'))) {
    parts.delete('experiment_module');
    return new Map([...parts, ...textEntries(module)]);
  }
  return isTreeOfMappings(parts.get('params')) ? parts : undefined;
};

const textEntries = (value: PickleValue | undefined): Map<string, PickleValue> =>
  isDict(value) ? new Map([...value.entries].map(([key, part]) => [String(key), part])) : new Map();

const isDict = (value: PickleValue | undefined): value is PickleDict =>
  value !== undefined && isContainer(value) && value.kind === 'dict';

/** Tells a tree called `params` from a module of that name, whose values are arrays. */
const isTreeOfMappings = (value: PickleValue | undefined): boolean =>
  isDict(value) && [...value.entries.values()].every(isDict);

const prefixes = { params: 'params/', state: 'state/' } as const;

const hasPrefix = (name: string): boolean =>
  name.startsWith(prefixes.params) || name.startsWith(prefixes.state);

const ofNpz = (arrays: ReadonlyMap<string, HostArray>): Checkpoint => {
  const isBare =
    arrays.size === 0 || ![...arrays.keys()].every((name) => hasPrefix(name) && name.split('/').length > 2);
  const under = (prefix: string) =>
    treeOfNames(
      [...arrays]
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, a]) => [name.slice(prefix.length), a]),
    );
  return {
    format: 'npz',
    params: isBare ? treeOfNames(arrays) : under(prefixes.params),
    state: isBare ? {} : under(prefixes.state),
    rest: new Map(),
  };
};

/** The named arrays of an `.npz` that `parseCheckpoint` reads back; for the inside of an `attempt`. */
export const checkpointArrays = (
  params: Tree<HostArray>,
  state: Tree<HostArray>,
): ReadonlyMap<string, HostArray> => {
  const isBare =
    Object.keys(state).length === 0 && !Object.keys(params).some((module) => hasPrefix(`${module}/`));
  if (isBare) return namedArrays(params);
  return new Map([...namedArrays(params, prefixes.params), ...namedArrays(state, prefixes.state)]);
};
