/**
 * The forms in which PyTorch programs save: a state dict, or a dict that has one among optimizer state and counters.
 * A state dict's names, `encoder.layer.0.weight`, are parted into module and leaf at their last dot.
 */
import { atSlashOrDot, treeOfNames } from './npzTree.js';
import type { Saved } from './pickleCheckpoint.js';
import type { PickleDict, PickleValue } from './pickleValue.js';
import { describe, isContainer } from './pickleValue.js';
import { readArrays, refuseTree } from './valueTree.js';

/** Where training programs keep the state dict: Lightning, PyTorch's tutorials, timm, DeepSpeed. */
const places = ['state_dict', 'model_state_dict', 'model', 'module'];

/** What a PyTorch file's value says of a checkpoint; for the inside of an `attempt`. */
export const savedByTorch = (value: PickleValue): Saved => {
  if (!isDict(value)) {
    return refuseTree([{ path: '', found: describe(value), expected: 'a state dict, a mapping of tensors' }]);
  }
  const place = places.find((name) => isDict(value.entries.get(name)));
  const model = place === undefined ? value : (value.entries.get(place) ?? null);
  const others = place === undefined ? [] : [...value.entries].filter(([name]) => name !== place);
  return {
    params: treeOfNames(readArrays(model, place === undefined ? [] : [place]), atSlashOrDot),
    state: {},
    rest: new Map(others.map(([name, part]) => [String(name), part])),
  };
};

const isDict = (value: PickleValue | undefined): value is PickleDict =>
  value !== undefined && isContainer(value) && value.kind === 'dict';
