/** Checkpoints of Hugging Face under Haiku's names, which presets use. */
import { type Checkpoint, wrapperPrefix } from '../lib/checkpoint/index.js';
import { underNames } from './names.js';

/** Tells Hugging Face's names by the module `perceiver`, which all of its Perceiver classes have. */
const isHuggingFace = ({ params }: Checkpoint): boolean => {
  const modules = Object.keys(params).map((module) => `${module}.`);
  const { length } = wrapperPrefix(modules);
  return modules.some((module) => module.slice(length).startsWith('perceiver.'));
};

/** The checkpoint under Haiku's names; a failure with every name that is left over or missing. */
export const underHaikuNames = (path: string, checkpoint: Checkpoint): Checkpoint =>
  isHuggingFace(checkpoint) ? underNames(path, checkpoint, { to: 'haiku' }) : checkpoint;
