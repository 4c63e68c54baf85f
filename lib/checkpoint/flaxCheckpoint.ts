/**
 * The forms in which Flax programs save: nested mappings of parameters, alone or under `params` beside other
 * collections and optimizer state. Batch norm's running statistics, `batch_stats`, are the state.
 */
import { FileArray } from './fileArray.js';
import { isDict, type Saved } from './pickleCheckpoint.js';
import type { PickleValue } from './pickleValue.js';
import { readTree } from './valueTree.js';

/** The checkpoint in a Flax file's value; for the inside of an `attempt`. */
export const savedByFlax = (value: PickleValue): Saved => {
  const parts = isDict(value) ? value.entries : new Map<PickleValue, PickleValue>();
  const [params, stats] = [parts.get('params'), parts.get('batch_stats')];
  if (!isDict(params)) return { params: readTree(withModule(value)), state: {}, rest: new Map() };
  const others = [...parts].filter(([name]) => name !== 'params' && name !== 'batch_stats');
  return {
    params: readTree(withModule(params), ['params']),
    state: stats === undefined ? {} : readTree(withModule(stats), ['batch_stats']),
    rest: new Map(others.map(([name, part]) => [String(name), part])),
  };
};

/** Arrays of the outermost module are leaves of `~`, where Haiku puts what belongs to no module. */
export const withModule = (value: PickleValue): PickleValue => {
  if (!isDict(value)) return value;
  const [loose, modules] = [true, false].map(
    (isLoose) => new Map([...value.entries].filter(([, part]) => part instanceof FileArray === isLoose)),
  );
  if (loose.size === 0 || modules.has('~')) return value;
  return { ...value, entries: modules.set('~', { ...value, entries: loose }) };
};
