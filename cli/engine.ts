/**
 * The engine of a command: onnxruntime if it is installed, or the library's own.
 */
import { type Command, Option } from 'commander';
import { engine } from '../lib/engine/index.js';
import { compileRunner, engineRunner, onnxruntime, type OnnxRuntime, type Runner } from '../lib/run/index.js';
import type { AnyModel } from '../presets/preset.js';
import { Failure } from './failure.js';
import { finiteRunner } from './finiteRunner.js';
import { openCheckpointFile } from './checkpointFile.js';
import { loadWeights, type ModelOptions, tellUntrained } from './load.js';
import { wholeNumber } from './options.js';

export interface RunOptions extends ModelOptions {
  readonly engine?: 'onnxruntime' | 'wasm' | 'cpu';
  readonly threads?: string;
}

/** Options of commands that run a model. */
export const runOptions = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--engine <name>',
        'compute with this engine; default: onnxruntime if onnxruntime-node is installed, else wasm',
      ).choices(['onnxruntime', 'wasm', 'cpu']),
    )
    .option('--threads <n>', 'compute with this number of threads; default: one for each core');

/** The onnxruntime for a command: the one that was asked for, or the installed one if no engine was named. */
export const runtimeFor = async (wanted: RunOptions['engine']): Promise<OnnxRuntime | undefined> => {
  if (wanted === undefined) return onnxruntime().catch(() => undefined);
  if (wanted !== 'onnxruntime') return undefined;
  return onnxruntime().catch((error: unknown) => {
    throw new Failure(`--engine onnxruntime: ${(error as Error).message}`);
  });
};

/** The version of onnxruntime in Node. */
export const versionOf = ({ env }: OnnxRuntime): string => env.versions.node ?? env.versions.common;

/** Names the engine on the error stream of a terminal. */
const tell = (what: string): void => {
  if (process.stderr.isTTY) console.error(`computed by ${what}`);
};

/**
 * Loads a model's weights, and uses them with a runner on the chosen engine.
 * @throws Failure for outputs that are not finite
 */
export const withRunner = async <R>(
  model: AnyModel,
  options: RunOptions,
  use: (runner: Runner) => Promise<R>,
): Promise<R> => {
  const threads = options.threads === undefined ? undefined : wholeNumber('--threads', options.threads, 1);
  const runtime = await runtimeFor(options.engine);
  const own = await engine({ backend: options.engine === 'cpu' ? 'cpu' : 'wasm', threads });
  const weights = await loadWeights(model, options, openCheckpointFile);
  if (runtime) tell(`onnxruntime ${versionOf(runtime)}; --engine wasm asks for the library's own kernels`);
  else tell(own.backend === 'wasm' ? `wasm, threads: ${own.threads}` : own.backend);
  await using runner = runtime ? compileRunner(weights, { runtime, threads }) : engineRunner(weights);
  const result = await use(finiteRunner(runner));
  tellUntrained(options);
  return result;
};
