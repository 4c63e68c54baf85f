/** Checkpoints: bytes to trees and back. Nothing here knows of layers. */
export type { CheckpointError, TreeProblem } from './error.js';
export { showCheckpointError } from './error.js';
export { FileArray } from './fileArray.js';
export { formatNpy, parseNpy } from './npy.js';
export { formatNpz, parseNpz } from './npz.js';
export { parsePickle } from './pickle.js';
export type * from './pickleValue.js';
export type { ZipOptions } from './zip.js';
