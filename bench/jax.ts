/**
 * JAX on the CPU, in a Python environment of its own, for the one work that it does here: parameters by seed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { flatten, splitPath } from '../lib/data/tree.js';
import { presets } from '../presets/index.js';
import type { Contestant, Start } from './contestant.js';
import { built, modules } from './folders.js';
import { pythonContestant } from './python.js';
import { initialised } from './works/initialisation.js';

/** As pinned as the other peers. */
export const jaxVersion = '0.10.2';

/** XLA takes every core. */
const threads = cpus().length;

const environment = join(modules, '.jax');
const python = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

const run = (program: string, args: readonly string[]): void => {
  const { status, error } = spawnSync(program, args, { stdio: ['ignore', process.stderr, process.stderr] });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${error?.message ?? status}`);
};

/** Makes the environment where there is none. @throws Error when Python or its packages cannot be had */
export const installJax = (): void => {
  if (existsSync(join(environment, 'ready'))) return;
  console.error('making a Python environment with JAX ...');
  run('python3', ['-m', 'venv', environment]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `jax==${jaxVersion}`]);
  writeFileSync(join(environment, 'ready'), '');
};

/** The parameters in the order in which they are asked for, with the keys that draw them. */
const describeModel = (): string => {
  const { params, draws } = presets[initialised.preset]().outline;
  const leaves = flatten(params).map(([path, { shape, draw }]) => ({
    shape,
    kind: splitPath(path)[1],
    draw: draw ?? null,
  }));
  const file = join(built, 'initialised.json');
  mkdirSync(built, { recursive: true });
  writeFileSync(file, JSON.stringify({ seed: initialised.seed, draws, params: leaves }));
  return file;
};

/** Starts JAX; with or without compiling anew at each run. */
const jaxContestant = (name: string, isCompiledEachTime: boolean): Contestant => {
  const args = [describeModel(), ...(isCompiledEachTime ? ['--compile-each-time'] : [])];
  return pythonContestant({ name, threads, python, script: 'initialise.py', args });
};

/** JAX when it has compiled before, and with its compilation in each run. */
export const jaxStarts: readonly Start[] = (
  [
    ['jax, compiled', false],
    ['jax, compiling', true],
  ] as const
).map(([name, isCompiledEachTime]) => ({
  name,
  threads,
  start: async () => jaxContestant(name, isCompiledEachTime),
}));
