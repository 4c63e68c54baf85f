/**
 * The one list of presets: a new preset is a folder here and a line below. Commands, pages, verifications, tests and the
 * table in README.md find it by this list. A family of one network is one folder with several presets: `imagenet`.
 */
import { audiosetMel, audiosetRaw } from './audioset/preset.js';
import { digits } from './digits/preset.js';
import { digitTones } from './digitTones/preset.js';
import { flow, flowLight } from './flow/preset.js';
import { glue } from './glue/preset.js';
import {
  imagenetConv,
  imagenetConvB,
  imagenetFourier,
  imagenetFourierB,
  imagenetLearned,
} from './imagenet/preset.js';
import { language, languagePlus, languageSentencepiece } from './language/preset.js';
import { motion } from './motion/preset.js';
import { multimodal, multimodal196, multimodal392 } from './multimodal/preset.js';
import { perceiver, perceiverPoints } from './perceiver/preset.js';
import { perceiverAr } from './perceiverAr/preset.js';
import { entityTransformer, starcraft } from './starcraft/preset.js';
import { textClassifier } from './textClassifier/preset.js';
import { words } from './words/preset.js';

type Named = { readonly card: { readonly name: string } };

const byName = <P extends readonly Named[]>(...all: P) =>
  Object.fromEntries(all.map((preset) => [preset.card.name, preset])) as {
    readonly [Each in P[number] as Each['card']['name']]: Each;
  };

/** Presets by name. */
export const presets = byName(
  language,
  languagePlus,
  languageSentencepiece,
  glue,
  textClassifier,
  imagenetLearned,
  imagenetFourier,
  imagenetConv,
  imagenetFourierB,
  imagenetConvB,
  flow,
  flowLight,
  multimodal,
  multimodal392,
  multimodal196,
  starcraft,
  entityTransformer,
  audiosetRaw,
  audiosetMel,
  perceiver,
  perceiverPoints,
  perceiverAr,
  digits,
  digitTones,
  words,
  motion,
);

export type PresetName = keyof typeof presets;

/** The names of the presets of a task. */
export type PresetsOf<T extends string> = {
  [N in PresetName]: (typeof presets)[N] extends { readonly task: T } ? N : never;
}[PresetName];

/** Names of all presets, or of those of a task. */
export const presetNames = <T extends string = string>(task?: T): readonly PresetsOf<T>[] =>
  (Object.keys(presets) as PresetName[]).filter(
    (name) => task === undefined || presets[name].task === (task as string),
  ) as PresetsOf<T>[];
