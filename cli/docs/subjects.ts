/** Presets as what is documented: a model with what its config's fields mean and what people know of it. */
import type { Growing, Subject } from '../../lib/docs/index.js';
import type { About } from '../../lib/docs/index.js';
import type { AnyModel, AnyPreset } from '../../presets/preset.js';
import { presetNamed } from '../presetNamed.js';
import { examplesOf } from './examples.js';

// Inputs differ from model to model and are invariant; `any` is how one of all kinds is written.
/* eslint-disable-next-line @typescript-eslint/no-explicit-any */
export type AnySubject = Subject<any, any>;

/** The growth of the published model: the preset with a size of its config changed. */
const growingOf = (preset: AnyPreset, { growth }: About): Growing | undefined =>
  growth && { ...growth, at: (size) => preset(growth.at(size)) as unknown as ReturnType<Growing['at']> };

const subjectOf = (preset: AnyPreset, model: AnyModel, about: About | undefined): AnySubject => ({
  card: model.card,
  network: model.network,
  inputs: model.inputs,
  openInputs: model.openInputs,
  names: model.names,
  config: preset.codec.encode(model.config),
  codec: preset.codec,
  about: about && { ...about, growth: growingOf(preset, about) },
});

/** A preset as published, with all that is known of it, and what a trained one gives. */
export const presetSubject = async (name: string): Promise<AnySubject> => {
  const preset = presetNamed(name);
  return { ...subjectOf(preset, preset(), await preset.about?.()), examples: await examplesOf(name) };
};

/** A preset at another config: what is known of the published model is not known of it. */
export const changedSubject = (preset: AnyPreset, model: AnyModel): AnySubject => {
  const { checkpoint: _, ...card } = model.card;
  return { ...subjectOf(preset, model, undefined), card };
};
