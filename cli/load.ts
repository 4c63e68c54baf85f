/**
 * Models and weights from a command's options: preset, config file, checkpoint file or seed.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import type { Checkpoint } from '../lib/checkpoint/index.js';
import { type ConfigProblem, showConfigProblem } from '../lib/data/config.js';
import { engine, type EngineInfo } from '../lib/engine/index.js';
import { adopt, type AdoptError, showAdoptError } from '../lib/language/adopt.js';
import type { Weights } from '../lib/data/leaf.js';
import { key } from '../lib/random/index.js';
import { type PresetName, presetNames, presets } from '../presets/registry.js';
import type { AnyModel } from '../presets/preset.js';
import { showInputError } from '../lib/data/inputError.js';
import { showAdapters } from './adapters.js';
import { readCheckpointFile } from './checkpointFile.js';
import { describedModel, modelInMetadata } from './describedModel.js';
import { orFail, runOrFail, UsageError } from './failure.js';
import { underHaikuNames } from './haikuNames.js';
import { isRepository, locate } from './locate.js';
import { wholeNumber } from './options.js';
import { presetNamed } from './presetNamed.js';
import { readBytes } from '../lib/files/bytes.js';
import { parseJson } from '../lib/files/json.js';
import { inputPath } from './paths.js';
import { modelOf } from './modelConfig.js';

export { presetNamed };

export interface ModelOptions {
  readonly config?: string;
  readonly checkpoint?: string;
  readonly seed?: string;
  /** Fetches nothing. */
  readonly offline?: boolean;
}

const showProblems = (problems: readonly ConfigProblem[]): string =>
  problems.map(showConfigProblem).join('\n  ');

/** Reads a file of JSON. */
export const readJson = async (path: string): Promise<unknown> => {
  const text = new TextDecoder().decode(await runOrFail(showInputError, readBytes(inputPath(path))));
  return orFail((problem: string) => `${path} ${problem}`)(parseJson(text));
};

/** The model of a preset of certain names. */
export type ModelNamed<N extends PresetName = PresetName> = ReturnType<(typeof presets)[N]>;

/** The changes to a preset's published config: those of `--config`, or else those that the checkpoint describes. */
export const configChanges = async (
  name: string,
  { config, checkpoint }: Pick<ModelOptions, 'config' | 'checkpoint'>,
): Promise<unknown> => {
  if (config !== undefined) return readJson(config);
  const described = await describedModel(checkpoint);
  return described?.preset === name ? described.config : {};
};

/** The model of a preset: as published, as a config file changes it, or as the checkpoint describes it. */
export const loadModel = async <N extends PresetName = PresetName>(
  name: string,
  options: Pick<ModelOptions, 'config' | 'checkpoint'>,
  allowed: readonly N[] = presetNames() as readonly N[],
): Promise<ModelNamed<N>> => {
  presetNamed(name);
  if (!allowed.includes(name as N)) {
    const isDescribed = (await describedModel(options.checkpoint))?.preset === name;
    const found = isDescribed ? `${options.checkpoint} is a checkpoint of ${name}` : `--preset is '${name}'`;
    throw new UsageError(`${found}, expected ${allowed.join(' or ')}`);
  }
  return orFail(
    (problems: readonly ConfigProblem[]) =>
      `${options.config ?? options.checkpoint} does not fit ${name}:\n  ${showProblems(problems)}`,
  )(modelOf(name, await configChanges(name, options))) as ModelNamed<N>;
};

/** Starts the engine that commands run on. */
export const startEngine = (): Promise<EngineInfo> => engine();

/** The path of the checkpoint that comes with the package; undefined if none does. */
export const shippedCheckpoint = ({ card }: Pick<AnyModel, 'card'>): string | undefined =>
  card.checkpoint?.url.protocol === 'file:' ? fileURLToPath(card.checkpoint.url) : undefined;

/** The preset that a checkpoint fits with some config; undefined for none. */
const presetOf = (checkpoint: Checkpoint, config: unknown): string | undefined =>
  Object.keys(presets).find((name) => {
    const made = modelOf(name, config);
    return E.isRight(made) && E.isRight(adopt(made.right)(checkpoint));
  });

interface Around {
  /** Other presets whose checkpoints the model begins with. */
  readonly taken?: readonly string[];
  /** Changes to the published config that a person gave. */
  readonly config?: unknown;
}

/** Names the preset that a checkpoint is of, as published or with the config that was given, or lists what does not fit. */
export const showMisfit =
  (
    location: string,
    { card }: Pick<AnyModel, 'card'>,
    checkpoint: Checkpoint,
    { taken = [], config = {} }: Around = {},
  ) =>
  (error: AdoptError): string => {
    const withAdapters = showAdapters(location, checkpoint.params);
    if (withAdapters !== undefined) return withAdapters;
    const described = modelInMetadata(checkpoint.metadata)?.preset;
    const other =
      described === undefined || described === card.name
        ? (presetOf(checkpoint, {}) ?? presetOf(checkpoint, config))
        : described;
    return other === undefined || other === card.name || taken.includes(other)
      ? `${location} does not fit ${card.name}:\n${showAdoptError(error)}`
      : `${location} is a checkpoint of ${other}, not of ${card.name}`;
  };

/** Points to the config beside the weights, which may be of another size than the published ones. */
const configHint = (reference: string, location: string, { config }: ModelOptions): string => {
  const beside = join(dirname(location), 'config.json');
  if (config !== undefined || !(isRepository(reference) || existsSync(beside))) return '';
  return `\nthe config beside it says its size: --config ${beside}`;
};

/** The mark of results of untrained parameters in JSON; empty for trained ones. */
export const markOf = ({ seed }: ModelOptions): { readonly untrained?: true } =>
  seed === undefined ? {} : { untrained: true };

/** The same for people, at the end of a line. */
export const showMark = ({ seed }: ModelOptions): string => (seed === undefined ? '' : ' (untrained)');

/** Tells on the error stream that a result is that of untrained parameters. */
export const tellUntrained = ({ seed }: ModelOptions): void => {
  if (seed !== undefined)
    console.error(`renga: untrained parameters of seed ${seed}: the result means nothing`);
};

/**
 * Loads a model's weights: from a checkpoint, a file or fetched; from the package; or untrained by seed.
 * @param read  `openCheckpointFile` for who uses each array once: then no array is held longer than that
 */
export const loadWeights = async (
  model: AnyModel,
  options: ModelOptions,
  read: (path: string) => Promise<Checkpoint> = readCheckpointFile,
): Promise<Weights> => {
  if (options.seed !== undefined) return model.init(key(wholeNumber('--seed', options.seed)));
  const { checkpoint: published, name } = model.card;
  const reference = options.checkpoint ?? shippedCheckpoint(model);
  if (reference === undefined) {
    const where = published ? `published (fetched once from ${published.url}), ` : '';
    throw new UsageError(`${name} needs --checkpoint ${where}FILE, or --seed N for untrained parameters`);
  }
  const location = await locate(reference, model.card, options.offline ? { isOffline: true } : {});
  const checkpoint = underHaikuNames(location, await read(location));
  const adopted = adopt(model)(checkpoint);
  if (E.isRight(adopted)) return adopted.right;
  // Standard input is read once.
  const config = options.config === undefined || options.config === '-' ? {} : await readJson(options.config);
  const showError = (error: AdoptError): string => {
    const misfit = showMisfit(location, model, checkpoint, { config })(error);
    return misfit.includes(' does not fit ') ? misfit + configHint(reference, location, options) : misfit;
  };
  return orFail(showError)(adopted);
};
