/**
 * The forms in which Haiku programs pickle: a mapping of modules, `{params, state, …}`, and jaxline's
 * `{experiment_module: {params, state, …}, …}`.
 */
import type { Trees } from './namedCheckpoint.js';
import type { PickleDict, PickleValue } from './pickleValue.js';
import { isContainer } from './pickleValue.js';
import { readTree } from './valueTree.js';

/** The trees, and what was saved beside them. */
export interface Saved extends Trees {
  readonly rest: ReadonlyMap<string, PickleValue>;
}

/** What a pickle's value says of a checkpoint; for the inside of an `attempt`. */
export const savedInValue = (value: PickleValue): Saved => {
  const parts = namedParts(value);
  if (!parts) return { params: readTree(value), state: {}, rest: new Map() };
  return {
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
