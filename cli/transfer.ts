/** Checkpoints brought to another size of their model: misshapen leaves made anew, learned positions interpolated. */
import type { Command } from 'commander';
import type { Checkpoint } from '../lib/checkpoint/index.js';
import { adopt, type AdoptReport, showAdoptError } from '../lib/language/adopt.js';
import { key } from '../lib/random/index.js';
import { expectMerged } from './adapters.js';
import { orFail, UsageError } from './failure.js';
import { loadModel } from './load.js';
import { wholeNumber } from './options.js';

export interface TransferOptions {
  readonly reinitialiseMisshapen?: boolean;
  readonly interpolatePositions?: boolean;
  readonly seed?: string;
  readonly preset?: string;
  readonly config?: string;
  readonly to?: string;
}

/** Adds the options that change leaves to the shapes of a preset with --config. */
export const transferOptions = (command: Command): Command =>
  command
    .option(
      '--reinitialise-misshapen',
      'make the leaves anew that --preset with --config has in another shape, by --seed',
    )
    .option('--seed <n>', 'the seed of these leaves; 0 if not given')
    .option(
      '--interpolate-positions',
      "interpolate learned positions to the grid of --preset with --config, bicubically; the file's grid is a square",
    );

/** The checkpoint with the shapes of the preset, and a report of the changes; undefined unless it was asked for. */
export const transferred = async (
  path: string,
  checkpoint: Checkpoint,
  { reinitialiseMisshapen, interpolatePositions, seed, preset, config, to }: TransferOptions,
): Promise<{ readonly checkpoint: Checkpoint; readonly report: AdoptReport } | undefined> => {
  if (!reinitialiseMisshapen && !interpolatePositions) {
    if (seed !== undefined) throw new UsageError('--seed is for --reinitialise-misshapen');
    return undefined;
  }
  if (preset === undefined)
    throw new UsageError('--reinitialise-misshapen and --interpolate-positions need --preset');
  if (to === 'huggingface') throw new UsageError('shapes are changed under Haiku’s names: convert twice');
  const root = key(wholeNumber('--seed', seed ?? '0'));
  const making = reinitialiseMisshapen ? { misshapen: 'reinitialise' as const, key: root } : {};
  expectMerged(path, checkpoint.params);
  const model = await loadModel(preset, { config });
  const { params, state, report } = orFail(
    (error: Parameters<typeof showAdoptError>[0]) =>
      `${path} does not fit ${preset}:\n${showAdoptError(error)}`,
  )(adopt(model, { ...making, interpolate: interpolatePositions })(checkpoint));
  return { checkpoint: { ...checkpoint, params, state }, report };
};

/** A line for each leaf that was changed. */
export const showTransfer = ({ initialised, interpolated }: AdoptReport): readonly string[] => [
  ...initialised.map((path) => `made anew: ${path}`),
  ...interpolated.map((path) => `interpolated: ${path}`),
];
