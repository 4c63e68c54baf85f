/** Checkpoints under Hugging Face's names get Haiku's, by which presets know their parameters. */
import type { Checkpoint } from '../lib/checkpoint/index.js';
import { underNames } from './names.js';

/** Every class of Hugging Face's that is a Perceiver has one by this name inside. */
const isHuggingFace = ({ params }: Checkpoint): boolean =>
  Object.keys(params).some((module) => module.startsWith('perceiver.'));

/** The checkpoint under Haiku's names; a failure with every name that is left over or missing. */
export const underHaikuNames = (path: string, checkpoint: Checkpoint): Checkpoint =>
  isHuggingFace(checkpoint) ? underNames(path, checkpoint, { to: 'haiku' }) : checkpoint;
