/** The command `npm run bench:peers`: the published models, compiled, or training steps, beside what else runs them. */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { engine } from '../../lib/engine/index.js';
import { pythonEnvironment } from '../../test/conformance/environment.js';
import { runScript } from '../../test/conformance/process.js';
import { versions as benchVersions, machine } from '../machine.js';
import { measure, type Measured } from '../measure.js';
import { noResults, type Results, withWork, writeResults } from '../results.js';
import { showMachine, showWork } from '../show.js';
import type { Work } from '../work.js';
import { regex } from '../flags.js';
import { models } from '../works/models.js';
import { steps } from '../works/steps.js';
import { exportModel, type Place, startsFor } from './field.js';
import { writeFiles } from './files.js';
import { withRatios } from './ratios.js';
import { showPeers } from './show.js';
import { startsForStep, withSpeeds } from './steps.js';

interface Flags {
  readonly steps: boolean;
  readonly only?: RegExp;
  readonly rounds: number;
  readonly budget: number;
  readonly threads: number;
  readonly deepmind?: string;
  readonly python?: string;
  readonly json?: string;
}

const whole = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number is expected');
  return value;
};

/** @throws Error where a folder is no checkout of DeepMind's */
const expectDeepMind = (folder: string): string => {
  if (existsSync(join(folder, 'perceiver', 'perceiver.py'))) return resolve(folder);
  throw new Error(`--deepmind: there is no perceiver/perceiver.py in ${relative(process.cwd(), folder)}`);
};

const tell = (what: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what.slice(0, process.stderr.columns - 1)}`);
};

const measureOne = async (work: Work, place: Place, { rounds, budget }: Flags): Promise<Measured> => {
  tell(`${work.name}: weights and inputs`);
  const files = await writeFiles(work);
  tell(`${work.name}: PyTorch exports it`);
  await exportModel(files, place.python);
  const pace = { rounds, budget, turn: 0, isProfiled: false, isCold: true };
  return withRatios(await measure(work, startsFor(work, files, place), pace, tell));
};

const measureStep = async (work: Work, place: Place, { rounds, budget }: Flags): Promise<Measured> => {
  const pace = { rounds, budget, turn: 0.5, warmUp: 4, isProfiled: true };
  return withSpeeds(await measure(work, startsForStep(work, place), pace, tell));
};

const peers = ['torch', 'transformers', 'jax', 'onnxscript', 'dm-haiku', 'optax'];

const versionsOf = async (python: string): Promise<Results['versions']> => {
  const { renga, node } = benchVersions();
  const theirs = (await runScript(python, 'versions.py', ...peers)) as Record<string, string>;
  const { env } = await import('onnxruntime-node');
  const { Python, torch, transformers, jax, onnxscript, optax } = theirs;
  return {
    renga,
    node,
    'onnxruntime-node': env.versions.node ?? env.versions.common,
    ...{ Python, torch, transformers, jax, onnxscript, 'dm-haiku': theirs['dm-haiku'], optax },
  };
};

const main = async (flags: Flags): Promise<void> => {
  const { only, deepmind, threads, json } = flags;
  const all = flags.steps ? steps : models;
  const chosen = all.filter(({ name }) => !only || only.test(name));
  if (chosen.length === 0) throw new Error(`there are ${all.map(({ name }) => name).join('; ')}`);
  const code = deepmind === undefined ? undefined : expectDeepMind(deepmind);
  await engine();
  const python = flags.python ?? (await pythonEnvironment((line) => console.error(line)));
  let results = noResults(machine(), await versionsOf(python));
  for (const work of chosen) {
    const measured = await (flags.steps ? measureStep : measureOne)(
      work,
      { python, deepmind: code, threads },
      flags,
    );
    tell('');
    console.log(
      flags.steps
        ? showWork(work.name, measured.rows, measured.refusals, 'JAX')
        : showPeers(work.name, measured),
    );
    results = withWork(results, work.name, measured);
    if (json) writeResults(json, results);
  }
  console.log(`\n${showMachine(results.machine, results.versions)}`);
};

await new Command('bench:peers')
  .description('times the published models at full size, or training steps, beside PyTorch and JAX')
  .option('--steps', 'training steps instead of models', false)
  .option('--only <regex>', 'models whose names match', regex)
  .option('--rounds <n>', 'most rounds', whole, 5)
  .option('--budget <seconds>', 'most time that an engine has for its rounds', whole, 180)
  .option('--threads <n>', 'threads of each; JAX takes all cores', whole, Math.min(2, cpus().length))
  .option('--deepmind <folder>', 'a checkout of google-deepmind/deepmind-research; without it, no JAX')
  .option('--python <path>', 'an interpreter that has the packages; one is made if none is given')
  .option('--json <file>', 'write the results there, after each model')
  .action((flags: Flags) =>
    main(flags).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }),
  )
  .parseAsync();
