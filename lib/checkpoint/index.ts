/** Checkpoints: bytes to trees and back. Nothing here knows of layers. */
export type { Checkpoint, CheckpointFormat } from './checkpoint.js';
export { parseCheckpoint, parseShards } from './checkpoint.js';
export type { OpenOptions, ReadOptions } from './checkpointFile.js';
export { openCheckpoint, readCheckpoint } from './checkpointFile.js';
export type { CheckpointError, TreeProblem } from './error.js';
export { showCheckpointError } from './error.js';
export { FileArray } from './fileArray.js';
export { formatNpy, parseNpy } from './npy.js';
export { formatNpz, parseNpz } from './npz.js';
export { npzToTree, treeToNpz } from './npzTree.js';
export { parsePickle } from './pickle.js';
export type * from './pickleValue.js';
export { flattenValue, valueToTree } from './valueTree.js';
export type { Safetensors } from './safetensors.js';
export { formatSafetensors, parseSafetensors } from './safetensors.js';
export type {
  NpzFormat,
  PickleFormat,
  SafetensorsFormat,
  SaveFormat,
  Savable,
  WriteOptions,
  Written,
} from './writeCheckpoint.js';
export { formatCheckpoint, writeCheckpoint, writeNpz } from './writeCheckpoint.js';
export type { ZipOptions } from './zip.js';
