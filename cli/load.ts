/**
 * From a command's options to a model with weights: preset, config file, checkpoint file or seed.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { either as E } from 'fp-ts';
import { readCheckpoint, showCheckpointError } from '../lib/checkpoint/index.js';
import { type ConfigProblem, showConfigProblem } from '../lib/config.js';
import { engine, type EngineInfo } from '../lib/engine/index.js';
import { fit, showFitError } from '../lib/fit.js';
import { key } from '../lib/random/index.js';
import { presets } from '../presets/index.js';
import type { AnyModel, AnyPreset } from '../presets/any.js';
import type { Weights } from '../presets/preset.js';
import { Failure, orFail } from './failure.js';
import { withProgress } from './progress.js';

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
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new Failure(`cannot read ${path}: ${error.message}`);
  });
  return orFail((error: Error) => `${path} is not JSON: ${error.message}`)(
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

/** A model's weights: of a checkpoint file, of the checkpoint that comes with it, or untrained by seed. */
export const loadWeights = async (model: AnyModel, options: ModelOptions): Promise<Weights> => {
  if (options.seed !== undefined) return model.init(key(wholeNumber('--seed', options.seed)));
  const { checkpoint: published, name } = model.card;
  const shipped = published?.url.protocol === 'file:' ? fileURLToPath(published.url) : undefined;
  const location = options.checkpoint ?? shipped;
  if (location === undefined) {
    const where = published ? ` (the published one is at ${published.url})` : '';
    throw new Failure(`${name} needs --checkpoint FILE${where}, or --seed N for untrained weights`);
  }
  const checkpoint = orFail(showCheckpointError)(
    await withProgress(`reading ${location}`, (onProgress) => readCheckpoint(location, { onProgress })()),
  );
  return orFail(
    (error: Parameters<typeof showFitError>[0]) =>
      `${location} does not fit ${model.card.name}:\n${showFitError(error)}`,
  )(fit(model)(checkpoint));
};
