/**
 * From a command's options to a model with weights: preset, config file, checkpoint file or seed.
 */
import { fileURLToPath } from 'node:url';
import { either as E } from 'fp-ts';
import type { Checkpoint } from '../lib/checkpoint/index.js';
import { type ConfigProblem, showConfigProblem } from '../lib/config.js';
import { engine, type EngineInfo } from '../lib/engine/index.js';
import { fit, type FitError, showFitError } from '../lib/fit.js';
import { key } from '../lib/random/index.js';
import { presets } from '../presets/index.js';
import type { AnyModel, AnyPreset } from '../presets/any.js';
import { showInputError, type Weights } from '../presets/preset.js';
import { readCheckpointFile } from './checkpointFile.js';
import { Failure, orFail, runOrFail } from './failure.js';
import { readBytes } from './media/file.js';

export interface ModelOptions {
  readonly config?: string;
  readonly checkpoint?: string;
  readonly seed?: string;
}

/** The preset of a name. */
export const presetNamed = (name: string): AnyPreset => {
  if (Object.hasOwn(presets, name)) return presets[name as keyof typeof presets] as AnyPreset;
  throw new Failure(`no preset '${name}'; there are ${Object.keys(presets).join(', ')}`);
};

const showProblems = (problems: readonly ConfigProblem[]): string =>
  problems.map(showConfigProblem).join('\n  ');

const readJson = async (path: string): Promise<unknown> => {
  const text = new TextDecoder().decode(await runOrFail(showInputError, readBytes(path)));
  return orFail((error: Error) => `${path} is not JSON: ${error.message.replace(/\s+/g, ' ')}`)(
    E.tryCatch(() => JSON.parse(text), E.toError),
  );
};

/** The model of a preset, as published or as a config file changes it. */
export const loadModel = async (
  name: string,
  options: ModelOptions,
  allowed: readonly string[] = Object.keys(presets),
): Promise<AnyModel> => {
  const preset = presetNamed(name);
  if (!allowed.includes(name)) throw new Failure(`--preset is '${name}', expected ${allowed.join(' or ')}`);
  const json = options.config === undefined ? {} : await readJson(options.config);
  return orFail(
    (problems: readonly ConfigProblem[]) =>
      `${options.config} does not fit ${name}:\n  ${showProblems(problems)}`,
  )(preset.decode(json));
};

/** Starts the engine that commands run on. */
export const startEngine = (): Promise<EngineInfo> => engine();

/** A whole number from a flag. */
export const wholeNumber = (flag: string, text: string, least = -Infinity): number => {
  const isWhole = /^-?\d{1,15}$/.test(text) && Number(text) >= least;
  if (!isWhole)
    throw new Failure(
      `${flag} is '${text}', expected a whole number${least > -Infinity ? ` from ${least}` : ''}`,
    );
  return Number(text);
};

/** Where the checkpoint is that comes with the package, if one does. */
export const shippedCheckpoint = ({ card }: Pick<AnyModel, 'card'>): string | undefined =>
  card.checkpoint?.url.protocol === 'file:' ? fileURLToPath(card.checkpoint.url) : undefined;

/** The preset whose checkpoint it is, or else all that does not fit. */
export const showMisfit =
  (location: string, { card }: AnyModel, checkpoint: Checkpoint) =>
  (error: FitError): string => {
    const other = Object.entries(presets).find(([, preset]) => E.isRight(fit(preset())(checkpoint)));
    return other
      ? `${location} is a checkpoint of ${other[0]}, not of ${card.name}`
      : `${location} does not fit ${card.name}:\n${showFitError(error)}`;
  };

/** A model's weights: of a checkpoint file, of the checkpoint that comes with it, or untrained by seed. */
export const loadWeights = async (model: AnyModel, options: ModelOptions): Promise<Weights> => {
  if (options.seed !== undefined) return model.init(key(wholeNumber('--seed', options.seed)));
  const { checkpoint: published, name } = model.card;
  const location = options.checkpoint ?? shippedCheckpoint(model);
  if (location === undefined) {
    const where = published ? ` (the published one is at ${published.url})` : '';
    throw new Failure(`${name} needs --checkpoint FILE${where}, or --seed N for untrained parameters`);
  }
  const checkpoint = await readCheckpointFile(location);
  return orFail(showMisfit(location, model, checkpoint))(fit(model)(checkpoint));
};
