/**
 * Everything that runs a published model beside the library: transformers, its export, DeepMind's own code.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../../test/conformance/process.js';
import { contestant, type Start } from '../contestant.js';
import type { EngineSpec } from '../engines/index.js';
import { compiled } from '../folders.js';
import { pythonContestant, scriptPath } from '../python.js';
import type { Work } from '../work.js';
import { type Files, presetFor } from './files.js';

/** By the names that the results know. */
export const names = {
  ours: 'renga compiled',
  eager: 'PyTorch eager',
  exported: 'PyTorch’s export in onnxruntime-node',
  jax: 'JAX, DeepMind’s code',
} as const;

/** The environment that peers need. */
export interface Place {
  /** The interpreter that has PyTorch and JAX. */
  readonly python: string;
  /** The path of DeepMind's folder `perceiver`; without it, JAX takes no part. */
  readonly deepmind?: string;
  readonly threads: number;
}

const inNode = (name: string, engine: string, threads: number): Start => {
  const spec: EngineSpec = { name, program: join(compiled, 'engines', engine), threads: [threads] };
  return { name, threads, start: async () => contestant(spec, threads) };
};

/** The engines of a work whose files are written; the library is the first. */
export const startsFor = (
  work: Work,
  files: Files,
  { python, deepmind, threads }: Place,
): readonly Start[] => {
  const inPython = (name: string, script: string, args: readonly string[]): Start => ({
    name,
    threads,
    start: async () => pythonContestant({ name, threads, python, script, args }),
  });
  const { folder, huggingFace } = files;
  return [
    inNode(names.ours, 'rengaFromFile.js', threads),
    inPython(names.eager, 'run_transformers.py', [huggingFace, `${threads}`]),
    inNode(names.exported, 'torchExport.js', threads),
    ...(deepmind === undefined
      ? []
      : [inPython(names.jax, 'run_deepmind.py', [deepmind, folder, presetFor(work).name])]),
  ];
};

/** Has PyTorch export the model, where that has not been tried yet. */
export const exportModel = async ({ huggingFace }: Files, python: string): Promise<void> => {
  const [found, reason] = ['exported.onnx', 'no-export.txt'].map((file) => join(huggingFace, file));
  if (existsSync(found) || existsSync(reason)) return;
  const output = await run(python, [scriptPath('export_transformers.py'), huggingFace]);
  const problem = JSON.parse(output.trimEnd().split('\n').at(-1) as string) as string | null;
  if (problem !== null) writeFileSync(reason, `no export: ${problem}`);
};
