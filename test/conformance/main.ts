/** The command `npm run conformance [-- --small]`: checkpoints, pictures and sounds cross to Python and back. */
import { mkdirSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import { engine } from '../../lib/engine/index.js';
import { packages, pythonEnvironment, workFolder } from './environment.js';
import { type Group, isPassed, worst } from './finding.js';
import { fromMedia } from './fromMedia.js';
import { fromPython } from './fromPython.js';
import { runScript } from './process.js';
import { summary, writeReport } from './report.js';
import { toDeepMind } from './toDeepMind.js';
import { toHaiku } from './toHaiku.js';
import { toHubCache } from './toHubCache.js';
import { toHuggingFaceGroup } from './toHuggingFace.js';
import { toSampling } from './toSampling.js';
import { toJax } from './toJax.js';
import { toJaxTraining } from './toJaxTraining.js';
import { toOnnx } from './toOnnx.js';
import { toPerceiverPytorch } from './toPerceiverPytorch.js';
import { toTriton } from './toTriton.js';

const print = (line: string): void => console.log(line);

const printGroup = ({ title, findings }: Group): void => {
  print(`${title}:`);
  for (const finding of findings) {
    const { error, tolerance, problem } = worst(finding);
    const difference =
      problem ?? `largest difference ${error.toExponential(1)} (allowed ${tolerance.toExponential(1)})`;
    print(`  ${isPassed(finding) ? 'passed' : 'FAILED'}  ${finding.what}: ${difference}`);
  }
};

interface Options {
  readonly small?: boolean;
  readonly python?: string;
  readonly deepmind?: string;
  readonly only?: string;
}

type Road = (python: string, work: string) => Promise<Group>;

/** The parts by name; DeepMind's own code is tried where a folder has it. */
const roads = ({ small, deepmind }: Options): Readonly<Record<string, Road>> => ({
  python: fromPython,
  media: fromMedia,
  haiku: toHaiku,
  sampling: toSampling,
  cache: toHubCache,
  ...(deepmind !== undefined && {
    deepmind: (...args: Parameters<Road>) => toDeepMind(...args, resolve(deepmind), !small),
  }),
  perceiverPytorch: toPerceiverPytorch,
  huggingFace: (...args) => toHuggingFaceGroup(...args, !small),
  onnx: (...args) => toOnnx(...args, !small),
  jax: (...args) => toJax(...args, !small),
  jaxTraining: toJaxTraining,
  triton: toTriton,
});

/** The parts that are asked for. */
const chosen = (options: Options): readonly Road[] => {
  const all = roads(options);
  const { only } = options;
  if (only === undefined) return Object.values(all);
  if (Object.hasOwn(all, only)) return [all[only]];
  throw new Error(`--only is '${only}', expected ${Object.keys(all).join(', ')}`);
};

const main = async (options: Options): Promise<void> => {
  const { small, python: given, only } = options;
  const parts = chosen(options);
  await engine();
  const python = given ?? (await pythonEnvironment(print));
  const work = join(workFolder, 'files');
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const groups: Group[] = [];
  for (const run of parts) {
    groups.push(await run(python, work));
    printGroup(groups[groups.length - 1]);
  }
  if (!small && only === undefined) {
    const versions = (await runScript(python, 'versions.py', ...packages())) as Record<string, string>;
    print(`written: ${await writeReport(versions, groups)}`);
  }
  print(summary(groups));
  if (groups.every(({ findings }) => findings.every(isPassed))) rmSync(work, { recursive: true });
  else {
    print(`what was tried stays in ${relative(process.cwd(), work)}`);
    process.exitCode = 1;
  }
};

await new Command('conformance')
  .description(
    'checks against JAX, Haiku, PyTorch, transformers, PIL, soundfile and librosa that files mean the same on both sides',
  )
  .option('--small', 'without the model at full size; docs/conformance.md stays as it is')
  .option(
    '--only <part>',
    'python, media, haiku, sampling, deepmind, perceiverPytorch, huggingFace, onnx, jax, jaxTraining or triton alone',
  )
  .option('--python <path>', 'an interpreter that has the packages; one is made if none is given')
  .option(
    '--deepmind <folder>',
    "deepmind-research, or its folder perceiver's parent: tries DeepMind's own code too",
  )
  .action((options: Options) =>
    main(options).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }),
  )
  .parseAsync();
