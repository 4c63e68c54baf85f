import type { AnyPreset } from '../presets/any.js';
import { presets } from '../presets/index.js';
import { Failure } from './failure.js';

/** The preset of a name. */
export const presetNamed = (name: string): AnyPreset => {
  if (Object.hasOwn(presets, name)) return presets[name as keyof typeof presets] as AnyPreset;
  throw new Failure(`no preset '${name}'; there are ${Object.keys(presets).join(', ')}`);
};
