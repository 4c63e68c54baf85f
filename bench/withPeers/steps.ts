/**
 * Training steps beside peers: the library's on its own engine and compiled, JAX with Haiku and optax, PyTorch eager and
 * compiled. Peers read the model as a list of operations with its parameters and its batch.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { float32, type HostArray, int32 } from '../../lib/data/array.js';
import { formatNpz } from '../../lib/checkpoint/index.js';
import { workFolder } from '../../test/conformance/environment.js';
import { contestant, type Start } from '../contestant.js';
import { count } from '../count.js';
import { paramValues } from '../fill.js';
import { compiled } from '../folders.js';
import { inputValues } from '../inputs.js';
import type { Measured } from '../measure.js';
import { pythonContestant } from '../python.js';
import type { InputSpec, Row, Work } from '../work.js';
import type { Place } from './field.js';
import { record } from './record.js';

/** By the names that the results know. */
export const stepNames = {
  ours: 'renga',
  compiled: 'renga compiled',
  jax: 'JAX, jax.jit',
  eager: 'PyTorch eager',
  torchCompiled: 'torch.compile',
} as const;

const hostOf = (spec: InputSpec): HostArray => {
  const values = inputValues(spec);
  return values instanceof Int32Array ? int32(spec.shape, values) : float32(spec.shape, values);
};

/** Writes what peers read of a step into a folder. */
const writeStep = (work: Work): string => {
  const folder = join(workFolder, 'steps', work.name.replace(/\W+/g, '-'));
  mkdirSync(folder, { recursive: true });
  const shapes = work.inputs.map(({ shape }) => shape);
  const { lines, output, constants } = record(work.program, shapes);
  const { params } = count(work.program, shapes);
  const names = params.map(({ path, leaf }) => `${path}/${leaf}`);
  const inputs = work.inputs.map(hostOf);
  const known = { params: names, constants: constants.length, inputs: inputs.length, loss: work.loss };
  writeFileSync(join(folder, 'program.json'), JSON.stringify({ ...known, lines, output }));
  const arrays: (readonly [string, HostArray])[] = [
    ...params.map(
      ({ path, leaf, shape }, i) =>
        [`param/${names[i]}`, float32(shape, paramValues(path, leaf, shape))] as const,
    ),
    ...constants.map(({ shape, data }, i) => [`constant/${i}`, float32(shape, data)] as const),
    ...inputs.map((input, i) => [`input/${i}`, input] as const),
  ];
  writeFileSync(join(folder, 'arrays.npz'), formatNpz(arrays));
  return folder;
};

/** The engines of a step; the library is the first. */
export const startsForStep = (work: Work, { python, threads }: Place): readonly Start[] => {
  const folder = writeStep(work);
  const inNode = (name: string, program: string): Start => ({
    name,
    threads,
    start: async () =>
      contestant({ name, program: join(compiled, 'engines', program), threads: [threads] }, threads),
  });
  const inPython = (name: string, script: string, ...more: readonly string[]): Start => ({
    name,
    threads,
    start: async () => pythonContestant({ name, threads, python, script, args: [folder, ...more] }),
  });
  return [
    inNode(stepNames.ours, 'rengaSteps.js'),
    inNode(stepNames.compiled, 'rengaCompiledSteps.js'),
    inPython(stepNames.jax, 'step_jax.py'),
    inPython(stepNames.eager, 'step_torch.py', `${threads}`, 'eager'),
    inPython(stepNames.torchCompiled, 'step_torch.py', `${threads}`, 'compiled'),
  ];
};

/** The same rows; `ratio` is the speed in multiples of JAX's. */
export const withSpeeds = <M extends Pick<Measured, 'rows'>>(measured: M): M => {
  const jax = measured.rows.find(({ engine }) => engine === stepNames.jax);
  const speedOf = ({ seconds }: Row): number | null => (jax ? jax.seconds / seconds : null);
  return { ...measured, rows: measured.rows.map((row) => ({ ...row, ratio: speedOf(row) })) };
};
