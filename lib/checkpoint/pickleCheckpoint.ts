/**
 * The forms in which Haiku programs save values: a mapping of modules; `{params, state, …}`; `(params, state, …)`, as a
 * tuple, a list or pickles one after the other; jaxline's `{experiment_module: {params, state, …}, …}`.
 */
import type { HostArray } from '../data/array.js';
import type { Tree } from '../data/tree.js';
import type { PickleDict, PickleValue } from './pickleValue.js';
import { contentsOf, describe, isContainer } from './pickleValue.js';
import { readTree } from './valueTree.js';

/** The two trees of a checkpoint. */
export interface Trees {
  readonly params: Tree<HostArray>;
  readonly state: Tree<HostArray>;
}

/** The trees, and everything that was saved beside them. */
export interface Saved extends Trees {
  readonly rest: ReadonlyMap<string, PickleValue>;
  /** Sentences about the file that a person should know: leaves that are None, objects that are not known here. */
  readonly notes?: readonly string[];
}

/** The checkpoint that a pickle's value is; for the inside of an `attempt`. */
export const savedInValue = (value: PickleValue): Saved => {
  const notes: string[] = [];
  const note = (place: string): void => void notes.push(`${place} is None, and is left out`);
  const parts = namedParts(value) ?? besideModules(value);
  if (!parts) return { params: readTree(value, [], note), state: {}, rest: new Map(), notes: few(notes) };
  const rest = new Map([...parts].filter(([name]) => name !== 'params' && name !== 'state'));
  return {
    params: readTree(parts.get('params') ?? emptyDict, ['params'], note),
    state: readTree(parts.get('state') ?? emptyDict, ['state'], note),
    rest,
    notes: [...few(notes), ...notesOf(rest)],
  };
};

const mostNotes = 20;

const few = (notes: readonly string[]): readonly string[] =>
  notes.length > mostNotes ? [...notes.slice(0, mostNotes), `… and ${notes.length - mostNotes} more`] : notes;

/** A sentence for every part that holds an object of a class that is not known here. */
export const notesOf = (rest: ReadonlyMap<string, PickleValue>): readonly string[] =>
  few(
    [...rest].flatMap(([name, value]) => {
      const found = unknownIn(value);
      return found === undefined
        ? []
        : [`${name} holds ${found}, which is not known here: kept as data, and nothing of it was run`];
    }),
  );

const unknownIn = (value: PickleValue): string | undefined => {
  if (!isContainer(value)) return undefined;
  if (value.kind === 'object') return describe(value);
  for (const part of contentsOf(value)) {
    const found = unknownIn(part);
    if (found !== undefined) return found;
  }
  return undefined;
};

const emptyDict: PickleDict = { kind: 'dict', offset: 0, entries: new Map() };

/** Names of the tree that Haiku calls state, in files that have params by that name. */
const stateNames = ['state', 'st', 'states', 'net_state', 'network_state', 'model_state', 'hk_state'];

/** The named parts of a file that holds more than a tree; undefined for a bare tree. */
const namedParts = (value: PickleValue): ReadonlyMap<string, PickleValue> | undefined => {
  const ordered = orderedParts(value);
  if (ordered) return ordered;
  const parts = textEntries(value);
  const module = parts.get('experiment_module');
  if (module !== undefined && isTreeOfMappings(textEntries(module).get('params'))) {
    parts.delete('experiment_module');
    return new Map([...parts, ...textEntries(module)]);
  }
  if (!isTreeOfMappings(parts.get('params'))) return undefined;
  const state = stateNames.find((name) => isTreeOfMappings(parts.get(name)));
  return new Map(Array.from(parts, ([name, part]) => [name === state ? 'state' : name, part]));
};

/** A bare tree of modules with texts and objects that are not known beside them: they are no weights. */
const besideModules = (value: PickleValue): ReadonlyMap<string, PickleValue> | undefined => {
  if (!isDict(value)) return undefined;
  const entries = [...value.entries];
  const others = entries.filter(([key, part]) => typeof key === 'string' && isBeside(part));
  const modules = new Map(entries.filter(([, part]) => !isBeside(part)));
  const isTree = others.length > 0 && modules.size > 0 && [...modules.values()].every(isDict);
  if (!isTree || others.some(([name]) => name === 'params')) return undefined;
  return new Map([
    ['params', { ...value, entries: modules }],
    ...others.map(([name, part]): [string, PickleValue] => [String(name), part]),
  ]);
};

/** True for texts and for objects that are not known, which stand beside weights. */
export const isBeside = (value: PickleValue): boolean =>
  typeof value === 'string' ||
  (typeof value === 'object' && value !== null && (value.kind === 'object' || value.kind === 'global'));

/** The parts of `(params, state, …)`: a first tree is the parameters, a second one the state, others have their place for a name. */
const orderedParts = (value: PickleValue): ReadonlyMap<string, PickleValue> | undefined => {
  const items = itemsOf(value);
  if (!items || !isTreeOfMappings(items[0])) return undefined;
  const [isWrapped] = [textEntries(items[0])].map((parts) => isTreeOfMappings(parts.get('params')));
  if (isWrapped && items.length === 1) return namedParts(items[0]);
  const hasState = isTreeOfMappings(items[1]);
  const name = (i: number): string => (i === 0 ? 'params' : i === 1 && hasState ? 'state' : String(i));
  return new Map(items.map((item, i) => [name(i), item]));
};

/** The items of a tuple or a list, or the fields of a tuple with names whose class is not known. */
const itemsOf = (value: PickleValue): readonly PickleValue[] | undefined => {
  if (!isContainer(value)) return undefined;
  if (value.kind === 'object' || value.kind === 'namedTuple') return value.fields;
  return value.kind === 'tuple' || value.kind === 'list' ? value.items : undefined;
};

const textEntries = (value: PickleValue | undefined): Map<string, PickleValue> =>
  isDict(value) ? new Map([...value.entries].map(([key, part]) => [String(key), part])) : new Map();

export const isDict = (value: PickleValue | undefined): value is PickleDict =>
  value !== undefined && isContainer(value) && value.kind === 'dict';

/** Tells a tree called `params` from a module of that name, whose values are arrays. */
const isTreeOfMappings = (value: PickleValue | undefined): boolean =>
  isDict(value) && [...value.entries.values()].every(isDict);
