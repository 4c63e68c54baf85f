/**
 * Presets and models of any kind, for those who handle them all alike.
 */
import type { Model, Preset } from './preset.js';

// Configs and inputs differ from preset to preset and are invariant; `any` is how one of all kinds is written.
/* eslint-disable @typescript-eslint/no-explicit-any */
export type AnyPreset = Preset<any, any, any, any, any, any>;
export type AnyModel = Model<any, any, any, any, any>;
/* eslint-enable @typescript-eslint/no-explicit-any */
