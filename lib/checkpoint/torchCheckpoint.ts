/**
 * The forms in which PyTorch programs save: a state dict, or a dict that has one among optimizer state and counters.
 */
import type { HostArray } from '../data/array.js';
import { FileArray } from './fileArray.js';
import { treeOfNames } from './npzTree.js';
import { isBeside, isDict, notesOf, type Saved } from './pickleCheckpoint.js';
import type { PickleDict, PickleValue } from './pickleValue.js';
import { describe } from './pickleValue.js';
import { readArrays, refuseTree } from './valueTree.js';

/** Names under which training programs keep the state dict: Lightning, PyTorch's tutorials, timm, DeepSpeed. */
const places = ['state_dict', 'model_state_dict', 'model', 'module'];

/** The checkpoint that a PyTorch file's value is; for the inside of an `attempt`. */
export const savedByTorch = (value: PickleValue): Saved => {
  const { place, model, rest } = partsOf(value);
  return {
    params: treeOfNames(readArrays(model, place === undefined ? [] : [place])),
    state: {},
    rest,
    notes: notesOf(rest),
  };
};

/** The tensors of a state dict by name, as a file of a set holds them. */
export const arraysOfTorch = (value: PickleValue): ReadonlyMap<string, FileArray> => {
  const arrays = readArrays(partsOf(value).model);
  const isOfFile = (entry: [string, HostArray]): entry is [string, FileArray] =>
    entry[1] instanceof FileArray;
  return new Map([...arrays].filter(isOfFile));
};

interface StateDict {
  /** The name under which it was found; undefined for the file's own mapping. */
  readonly place?: string;
  readonly model: PickleValue;
  readonly rest: ReadonlyMap<string, PickleValue>;
}

const partsOf = (value: PickleValue): StateDict => {
  if (!isDict(value)) return refuseModule(value);
  const place = places.find((name) => isDict(value.entries.get(name)));
  const wrapped = place ?? places.find((name) => isModule(value.entries.get(name)));
  if (place === undefined && wrapped !== undefined) return refuseModule(value.entries.get(wrapped) ?? null);
  if (place === undefined) return withoutOthers(value);
  const others = [...value.entries].filter(([name]) => name !== place);
  return {
    place,
    model: value.entries.get(place) ?? null,
    rest: new Map(others.map(([name, part]) => [String(name), part])),
  };
};

/** A bare state dict without the texts and objects beside its tensors; what PyTorch makes for a tensor is no such object. */
const withoutOthers = (value: PickleDict): StateDict => {
  const isOther = ([name, part]: [PickleValue, PickleValue]): boolean =>
    typeof name === 'string' && isBeside(part) && !isOfTorch(part);
  const entries = [...value.entries];
  const others = entries.filter(isOther);
  const model = { ...value, entries: new Map(entries.filter((entry) => !isOther(entry))) };
  if (model.entries.size === 0) return { model: value, rest: new Map() };
  return { model, rest: new Map(others.map(([name, part]) => [String(name), part])) };
};

const isOfTorch = (value: PickleValue): boolean =>
  typeof value === 'object' && value !== null && 'name' in value && /^torch\b/.test(value.name);

const isModule = (value: PickleValue | undefined): boolean =>
  typeof value === 'object' && value !== null && value.kind === 'object';

const refuseModule = (value: PickleValue): never =>
  refuseTree([
    {
      path: '',
      found: isModule(value) ? `a whole module (${describe(value)})` : describe(value),
      expected: 'a state dict, which torch.save(model.state_dict(), path) saves',
    },
  ]);
