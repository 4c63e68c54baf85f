/** The texts of every preset's page, by its name; a preset without texts is missing. */
import type { About } from '../../lib/docs/about.js';
import type { AnyPreset } from '../../presets/preset.js';
import { type PresetName, presets } from '../../presets/registry.js';

const loaded = await Promise.all(
  Object.entries(presets as Readonly<Record<string, AnyPreset>>).map(
    async ([name, { about }]) => [name, await about?.()] as const,
  ),
);

export const abouts = Object.fromEntries(
  loaded.filter(([, about]) => about !== undefined),
) as unknown as Readonly<Record<PresetName, About>>;
