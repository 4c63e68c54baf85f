/** Presets by the names that people give. */
import type { AnyPreset } from '../presets/preset.js';
import { presets } from '../presets/registry.js';
import { UsageError } from './failure.js';

/** The preset of a name; an unknown name is a failure that lists the known ones. */
export const presetNamed = (name: string): AnyPreset => {
  if (Object.hasOwn(presets, name)) return presets[name as keyof typeof presets] as AnyPreset;
  throw new UsageError(`no preset '${name}'; there are ${Object.keys(presets).join(', ')}`);
};
