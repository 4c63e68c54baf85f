/** The command `npm run conformance [-- --only PART]`: checkpoints, programs, pictures and sounds cross to Python and back. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Command } from 'commander';
import { engine } from '../../lib/engine/index.js';
import { pythonEnvironment, workFolder } from './environment.js';
import { type Group, isPassed, worst } from './finding.js';
import { type Part, parts } from './parts.js';
import { root } from '../project.js';
import { runScript } from './process.js';
import { summary, writeReport } from './report.js';
import { type Result, resultOf, storeResult } from './results.js';

const print = (line: string): void => console.log(line);

const printGroup = ({ title, findings }: Group): void => {
  print(`${title}:`);
  for (const { what, checks, cells = { '': checks } } of findings) {
    const word = isPassed({ what, checks }) ? 'passed' : 'FAILED';
    const differences = Object.entries(cells).map(([column, each]) => {
      const { error, tolerance, problem } = worst(each);
      const difference =
        problem ?? `largest difference ${error.toExponential(1)} (allowed ${tolerance.toExponential(1)})`;
      return column === '' ? difference : `${column} ${difference}`;
    });
    print(`  ${word}  ${what}: ${differences.join('; ')}`);
  }
};

interface Options {
  readonly small?: boolean;
  readonly python?: string;
  readonly deepmind?: string;
  readonly only?: readonly string[];
}

/** The parts that are asked for, all if none is; without those that `--small` or no `--deepmind` leaves out. */
const chosen = ({ only, deepmind, small = false }: Options): readonly (readonly [string, Part])[] => {
  const names = Object.keys(parts);
  const wrong = only?.find((name) => !Object.hasOwn(parts, name));
  if (wrong !== undefined) throw new Error(`--only is '${wrong}', expected ${names.join(', ')}`);
  const asked = (only ?? names).map((name) => [name, parts[name]] as const);
  const lacks = ({ needsDeepMind = false }: Part): boolean => needsDeepMind && deepmind === undefined;
  const lacking = asked.find(([, part]) => lacks(part));
  if (only && lacking) throw new Error(`--only ${lacking[0]} needs --deepmind FOLDER`);
  return asked.filter(([, part]) => !lacks(part) && !(small && part.isFull));
};

/** The version of an npm package that is installed. */
const versionOf = (module: string): string =>
  (
    JSON.parse(readFileSync(join(root, 'node_modules', module, 'package.json'), 'utf8')) as {
      version: string;
    }
  ).version;

/** Runs a part in a folder of its own, which stays where something failed. */
const runPart = async (name: string, part: Part, python: string, options: Options): Promise<Result> => {
  const { small = false, deepmind } = options;
  const work = join(workFolder, 'files', name);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  const group = await part.run(python, work, { isSmall: small, deepmind });
  printGroup(group);
  const versions = {
    ...Object.fromEntries((part.modules ?? []).map((module) => [module, versionOf(module)])),
    ...((await runScript(python, 'versions.py', ...part.packages)) as Record<string, string>),
  };
  if (group.findings.every(isPassed)) rmSync(work, { recursive: true });
  else print(`what was tried stays in ${relative(process.cwd(), work)}`);
  return resultOf(group, versions);
};

const main = async (options: Options): Promise<void> => {
  const asked = chosen(options);
  await engine();
  const python = options.python ?? (await pythonEnvironment(print));
  const found: Result[] = [];
  for (const [name, part] of asked) {
    const result = await runPart(name, part, python, options);
    found.push(result);
    if (!options.small)
      print(`written: ${await writeReport(await storeResult(name, result), Object.keys(parts))}`);
  }
  print(summary(found));
  if (!found.every(({ rows }) => rows.every((row) => row.isPassed))) process.exitCode = 1;
};

await new Command('conformance')
  .description(
    'checks against JAX, Haiku, PyTorch, transformers, PIL, soundfile and librosa that files mean the same on both sides',
  )
  .option('--small', 'without models at full size; docs/conformance.md stays as it is')
  .option('--only <part...>', `some parts alone: ${Object.keys(parts).join(', ')}`)
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
