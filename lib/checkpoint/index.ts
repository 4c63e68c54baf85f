/** Checkpoints: bytes to trees and back. Nothing here knows of layers. */
export type { FloatType } from './castLater.js';
export { castLater, floatTypes } from './castLater.js';
export type { Checkpoint, CheckpointFormat } from './checkpoint.js';
export { parseCheckpoint, parseOrbax, parseShards, runFormat } from './checkpoint.js';
export type { OrbaxOptions } from './orbax/orbax.js';
export type { OpenOptions, ReadOptions } from './checkpointFile.js';
export { openCheckpoint, readCheckpoint } from './checkpointFile.js';
export type { FileError, FormatError } from '../files/error.js';
export type { CheckpointError, TreeProblem } from './error.js';
export { showCheckpointError } from './error.js';
export { gptqConfig, toGptq } from './gptq.js';
export { FileArray } from './fileArray.js';
export type { ModelFolder } from './modelFolder.js';
export { openModelFolder } from './modelFolder.js';
export { parseMsgpack } from './msgpack.js';
export { formatNpy, parseNpy } from './npy.js';
export { formatNpz, parseNpz } from './npz.js';
export { npzToTree, treeToNpz } from './npzTree.js';
export { parsePickle } from './pickle.js';
export type * from './pickleValue.js';
export { flattenValue, valueToTree } from './valueTree.js';
export type { Safetensors } from './safetensors.js';
export { formatSafetensors, parseSafetensors } from './safetensors.js';
export { parseTorch } from './torch.js';
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
export type { ZipOptions } from '../files/zip.js';
export type { Arrangement, Direction } from './names/arrangement.js';
export { rearrange, showArrangement, transposed } from './names/arrangement.js';
export type { DerivedRule, NameMapping, NamePair, NameRule } from './names/mapping.js';
export {
  nameMapping,
  showNamePairs,
  translateArrays,
  translateNames,
  untranslated,
} from './names/mapping.js';
export { wrapperPrefix } from './names/prefix.js';
export type { NameProblem, NamesError } from './names/problem.js';
export { showNamesError } from './names/problem.js';
export type { Renamable, RenameRule } from './names/rename.js';
export { rename, renamePairs } from './names/rename.js';
