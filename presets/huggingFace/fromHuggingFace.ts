/**
 * Hugging Face's `config.json` as a preset's model: `fromHuggingFace` reads it as transformers would, `toHuggingFace`
 * writes one that transformers takes.
 */
import { isRecord } from '../../lib/data/nest.js';
import * as E from 'fp-ts/lib/Either.js';
import type { ConfigProblem } from '../../lib/data/config.js';
import type { AnyModel } from '../preset.js';
import type { presets } from '../registry.js';
import { problemsByKey, readConfig, withoutRepeats, writeConfig, type WrittenConfig } from './config.js';
import {
  type Architecture,
  type ArchitectureOf,
  architectures,
  families,
  isArchitecture,
} from './families.js';
import type { HuggingFaceConfig } from './family.js';

type Presets = typeof presets;

/** The model of a Hugging Face config, a variant for each class. */
export type HuggingFaceModel = {
  [N in keyof Presets]: ArchitectureOf<Presets[N]> extends never
    ? never
    : {
        readonly architecture: ArchitectureOf<Presets[N]>;
        /** The preset's model, which computes the same as Hugging Face's class with the same weights. */
        readonly model: ReturnType<Presets[N]>;
        /** Given keys that change nothing of this model's outputs. */
        readonly ignored: readonly string[];
      };
}[keyof Presets];

/** The class named in a config. */
const namedIn = ({ architectures: named }: HuggingFaceConfig): unknown =>
  Array.isArray(named) && named.length === 1 ? named[0] : named;

const modelOf = (
  architecture: Architecture,
  config: HuggingFaceConfig,
): E.Either<readonly ConfigProblem[], HuggingFaceModel> => {
  const family = families[architecture];
  const { changes, ignored, problems } = readConfig(family, config);
  const made: E.Either<readonly ConfigProblem[], AnyModel> = family.preset.decode(changes);
  const wrong = E.isLeft(made) ? problemsByKey(family, made.left) : [];
  if (E.isLeft(made) || problems.length > 0) return E.left(withoutRepeats([...problems, ...wrong]));
  return E.right({ architecture, model: made.right, ignored } as HuggingFaceModel);
};

/**
 * The model that a `config.json` describes. Options of the preset give the outputs of Hugging Face where they differ from
 * those of DeepMind's code: `activation: 'geluExact'`, `maskQueries: false`, `decoder.useQueryResidual: true` for learned
 * positions, `padding: 'symmetric'` before convolutions.
 * @param architecture  the class, if the config does not name it under `architectures`
 * @returns every problem at the path of its key; or the model, and keys that change nothing of its outputs
 * @example fromHuggingFace(JSON.parse(await readFile('language-perceiver/config.json', 'utf8')))
 */
export const fromHuggingFace = (
  config: unknown,
  architecture?: Architecture,
): E.Either<readonly ConfigProblem[], HuggingFaceModel> => {
  if (!isRecord(config))
    return E.left([{ path: '(the whole)', found: config, expected: 'an object of keys' }]);
  const named = architecture ?? namedIn(config);
  return isArchitecture(named)
    ? modelOf(named, config)
    : E.left([{ path: 'architectures', found: named, expected: `one of ${architectures.join(', ')}` }]);
};

/** A model's config for Hugging Face. */
export interface WrittenModel extends WrittenConfig {
  readonly architecture: Architecture;
}

/**
 * The `config.json` of a preset's model.
 * @returns undefined if Hugging Face has no such class; or the config, and options that its class lacks
 * @example toHuggingFace(language())?.differs // [{ path: 'maskQueries', found: true, expected: 'false' }]
 */
export const toHuggingFace = ({ card, config }: AnyModel): WrittenModel | undefined => {
  const architecture = architectures.find((name) => families[name].preset.card.name === card.name);
  return (
    architecture && { architecture, ...writeConfig(families[architecture], config as object, architecture) }
  );
};
