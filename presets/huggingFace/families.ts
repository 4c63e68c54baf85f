/** Hugging Face's Perceiver classes with their presets, by the names that a `config.json` has under `architectures`. */
import { presets } from '../registry.js';
import type { AnyPreset } from '../preset.js';
import type { Family } from './family.js';

type Published = (typeof presets)[keyof typeof presets];

/** The name of a preset's class; never for presets that Hugging Face lacks. */
export type ArchitectureOf<P> = P extends { readonly huggingFace?: infer H }
  ? H extends Family<infer A>
    ? A
    : never
  : never;

export type Architecture = ArchitectureOf<Published>;

/** A class's tables and its preset. */
interface ConvertedPreset extends Family {
  readonly preset: AnyPreset;
}

export const families = Object.fromEntries(
  (Object.values(presets) as AnyPreset[]).flatMap((preset) =>
    preset.huggingFace ? [[preset.huggingFace.architecture, { ...preset.huggingFace, preset }]] : [],
  ),
) as Readonly<Record<Architecture, ConvertedPreset>>;

/** Names of all classes. */
export const architectures = Object.keys(families) as readonly Architecture[];

export const isArchitecture = (name: unknown): name is Architecture =>
  typeof name === 'string' && Object.hasOwn(families, name);
