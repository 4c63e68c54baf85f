/**
 * From a Hugging Face `config.json` to a preset's model, and back: `fromHuggingFace` reads it as transformers would,
 * `toHuggingFace` writes one that transformers takes.
 */
import { isRecord } from '../../lib/data/nest.js';
import { either as E } from 'fp-ts';
import type { ConfigProblem } from '../../lib/data/config.js';
import type { AnyModel } from '../any.js';
import { problemsByKey, readConfig, withoutRepeats, writeConfig, type WrittenConfig } from './config.js';
import { type Architecture, architectures, families, isArchitecture } from './families.js';
import type { Family, HuggingFaceConfig } from './family.js';

type Families = typeof families;

/** A model as a Hugging Face config says it, a variant for each class. */
export type HuggingFaceModel = {
  [A in Architecture]: {
    readonly architecture: A;
    /** The preset's model; it computes what Hugging Face does with the same weights. */
    readonly model: ReturnType<Families[A]['preset']>;
    /** Keys that were given and that change nothing of this model's outputs. */
    readonly ignored: readonly string[];
  };
}[Architecture];

/** The class that a config names. */
const namedIn = ({ architectures: named }: HuggingFaceConfig): unknown =>
  Array.isArray(named) && named.length === 1 ? named[0] : named;

const modelOf = (
  architecture: Architecture,
  config: HuggingFaceConfig,
): E.Either<readonly ConfigProblem[], HuggingFaceModel> => {
  const family: Family = families[architecture];
  const { changes, ignored, problems } = readConfig(family, config);
  const made: E.Either<readonly ConfigProblem[], AnyModel> = family.preset.decode(changes);
  const wrong = E.isLeft(made) ? problemsByKey(family, made.left) : [];
  if (E.isLeft(made) || problems.length > 0) return E.left(withoutRepeats([...problems, ...wrong]));
  return E.right({ architecture, model: made.right, ignored } as HuggingFaceModel);
};

/**
 * The model that a `config.json` describes. What Hugging Face computes otherwise than DeepMind's code is set by options
 * of the preset: `activation: 'geluExact'`, `maskQueries: false`, `decoder.useQueryResidual: true` for learned
 * positions, `padding: 'symmetric'` before convolutions.
 * @param architecture  its class, where the config does not name it under `architectures`
 * @returns every problem at the path of its key; or the model, and keys that change nothing of it
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
 * @returns undefined where Hugging Face has no such class; or the config, and where its class computes otherwise
 * @example toHuggingFace(language())?.differs // [{ path: 'maskQueries', found: true, expected: 'false' }]
 */
export const toHuggingFace = ({ card, config }: AnyModel): WrittenModel | undefined => {
  const architecture = architectures.find((name) => families[name].preset.card.name === card.name);
  return (
    architecture && { architecture, ...writeConfig(families[architecture], config as object, architecture) }
  );
};
