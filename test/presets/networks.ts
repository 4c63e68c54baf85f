/** One preset of each network: variants differ from it in published values alone, so tests of networks leave them out. */
import type { AnyPreset } from '../../presets/preset.js';
import { type PresetName, presets } from '../../presets/registry.js';

export const networks: readonly (readonly [name: PresetName, preset: AnyPreset])[] = (
  Object.entries(presets) as [PresetName, AnyPreset][]
).filter(([, { card }]) => card.variantOf === undefined);
