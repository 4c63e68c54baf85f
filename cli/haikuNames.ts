/** Checkpoints of Hugging Face under Haiku's names, which presets use. */
import type { Checkpoint } from '../lib/checkpoint/index.js';
import { underNames } from './names.js';

/** Tells Hugging Face's names by the module `perceiver`, which all of its Perceiver classes have. */
const isHuggingFace = ({ params }: Checkpoint): boolean =>
  Object.keys(params).some((module) => module.startsWith('perceiver.'));

/** The checkpoint under Haiku's names; a failure with every name that is left over or missing. */
export const underHaikuNames = (path: string, checkpoint: Checkpoint): Checkpoint =>
  isHuggingFace(checkpoint) ? underNames(path, checkpoint, { to: 'haiku' }) : checkpoint;
