/** The command `npm run bench`. */
import { Command, InvalidArgumentError } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { type Contestant, contestant, type Start } from './contestant.js';
import { baseline, engines, type EngineSpec } from './engines/index.js';
import { installJax, jaxStarts, jaxVersion } from './jax.js';
import { makeReady } from './install.js';
import { machine, versions } from './machine.js';
import { measure, type Pace } from './measure.js';
import { engines24, installNode24, node24Version } from './node24.js';
import { noResults, readResults, type Results, withWork, writeResults } from './results.js';
import { openBrowser } from './page/browser.js';
import { showMachine, showProfile, showTargets, showWork } from './show.js';
import { targetsOf } from './targets.js';
import type { Work } from './work.js';
import { regex } from './flags.js';
import { works } from './works/index.js';

interface Flags {
  readonly quick?: boolean;
  readonly only?: RegExp;
  readonly engines?: readonly string[];
  readonly threads?: readonly number[];
  readonly rounds?: number;
  readonly budget?: number;
  readonly chromium?: string;
  readonly node24?: boolean;
  readonly jax?: boolean;
  readonly json?: string;
  readonly resume?: boolean;
  readonly profile?: boolean;
  readonly list?: boolean;
}

const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('a positive number is expected');
  return value;
};

const counts = (text: string): readonly number[] => {
  const values = text.split(',').map(Number);
  if (values.every((value) => Number.isInteger(value) && value > 0)) return values;
  throw new InvalidArgumentError('whole numbers from 1 are expected, separated by commas');
};

const names = (text: string): readonly string[] => {
  const known = engines.map(({ name }) => name);
  const unknown = text.split(',').filter((name) => !known.includes(name));
  if (unknown.length === 0) return text.split(',');
  throw new InvalidArgumentError(`no engine ${unknown.join(', ')}; there are ${known.join(', ')}`);
};

const paceOf = ({ quick, rounds, budget, profile }: Flags): Pace => ({
  isProfiled: profile ?? false,
  rounds: rounds ?? (quick ? 3 : 7),
  turn: quick ? 0.05 : 0.2,
  budget: budget ?? (quick ? 5 : 60),
});

/** Of what was asked for beside the ordinary engines. */
const extraVersions = ({ node24, jax }: Flags): Results['versions'] => ({
  ...(node24 ? { 'Node 24': node24Version } : {}),
  ...(jax ? { jax: jaxVersion } : {}),
});

/** Begins with what a file holds already, where that was asked for. */
const resultsSoFar = (flags: Flags): Results => {
  const { json, resume } = flags;
  const fresh = noResults(machine(), { ...versions(), ...extraVersions(flags) });
  if (!json || !resume) return fresh;
  const known = readResults(json);
  if (E.isLeft(known)) throw new Error(known.left);
  return known.right;
};

const chosenWorks = ({ quick, only, resume }: Flags, known: Results): readonly Work[] => {
  const isKnown = (name: string): boolean => known.rows.some(({ work }) => work === name);
  return works.filter(
    ({ name, isQuick }) => (!quick || isQuick) && (!only || only.test(name)) && !(resume && isKnown(name)),
  );
};

/** One line that is written over, at a terminal. */
const tell = (what: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what.slice(0, process.stderr.columns - 1)}`);
};

/** An engine with each number of threads. */
const startsOf = (
  specs: readonly EngineSpec[],
  start: (spec: EngineSpec, threads: number) => Promise<Contestant>,
): readonly Start[] =>
  specs.flatMap((spec) =>
    spec.threads.map((threads) => ({ name: spec.name, threads, start: () => start(spec, threads) })),
  );

/** Everything that takes part, and how to let go of it. */
interface Field {
  readonly startsFor: (work: Work) => readonly Start[];
  readonly close: () => Promise<void>;
  readonly versions: Results['versions'];
}

/** A quick run is for those who look what a change has done: one number of threads tells as much in half the time. */
const threadsOf = ({ threads, quick }: Flags): Flags['threads'] => threads ?? (quick ? [2] : undefined);

/** Installs, bundles and opens what was chosen. */
const gather = async (flags: Flags): Promise<Field> => {
  const threads = threadsOf(flags);
  const chosen = engines
    .filter(({ name }) => !flags.engines || flags.engines.includes(name))
    .map((spec) => (threads && spec.threads.length > 1 ? { ...spec, threads } : spec));
  const paged = flags.chromium ? chosen.filter(({ isForPages }) => isForPages) : [];
  await makeReady(chosen, paged);
  if (flags.node24) installNode24();
  if (flags.jax) installJax();
  const inNode = [...chosen, ...(flags.node24 ? engines24(chosen) : [])];
  const pages = flags.chromium ? await openBrowser(flags.chromium) : undefined;
  const starts = [
    ...startsOf(inNode, async (spec, threads) => contestant(spec, threads)),
    ...(pages ? startsOf(paged, pages.open) : []),
  ];
  const inPython = flags.jax ? jaxStarts : [];
  return {
    startsFor: ({ group }) => (group === 'initialisation' ? [...starts, ...inPython] : starts),
    close: async () => pages?.close(),
    versions: pages ? { Chromium: pages.version } : {},
  };
};

const measureAll = async (
  chosen: readonly Work[],
  { startsFor, versions }: Field,
  flags: Flags,
): Promise<Results> => {
  const known = resultsSoFar(flags);
  let results = { ...known, versions: { ...known.versions, ...versions } };
  for (const work of chosen) {
    const measured = await measure(work, startsFor(work), paceOf(flags), tell);
    tell('');
    console.log(showWork(work.name, measured.rows, measured.refusals));
    measured.profiles.forEach((profile) => console.log(showProfile(profile)));
    results = withWork(results, work.name, measured);
    if (flags.json) writeResults(flags.json, results);
  }
  return results;
};

const main = async (flags: Flags): Promise<void> => {
  const chosen = chosenWorks(flags, resultsSoFar(flags));
  if (flags.list) return chosen.forEach(({ name }) => console.log(name));
  if (chosen.length === 0) throw new Error('there is no such work, or all of it is measured');
  const field = await gather(flags);
  try {
    const { machine, versions, rows } = await measureAll(chosen, field, flags);
    const aims = targetsOf(rows).filter(({ measured }) => measured !== null);
    if (aims.length > 0) console.log(`\n${showTargets(aims)}`);
    console.log(`\n${showMachine(machine, versions)}`);
  } finally {
    await field.close();
  }
};

await new Command('bench')
  .description(
    `measures the library against ${baseline} and its peers, in rounds, each in a process of its own`,
  )
  .option('--quick', 'a few works, two threads and few rounds, for everyday use: under two minutes')
  .option('--only <regex>', 'works whose names match', regex)
  .option('--engines <names>', 'engines to compare, separated by commas', names)
  .option(
    '--threads <counts>',
    'numbers of threads, separated by commas; 1,2 if not given, 2 if quick',
    counts,
  )
  .option('--rounds <n>', 'most rounds', positive)
  .option('--budget <seconds>', 'most time that an engine has for its rounds', positive)
  .option('--chromium <program>', 'measure the same in pages of a headless Chromium as well')
  .option('--node24', 'the library and onnxruntime on Node 24 as well, with and without its flag')
  .option('--jax', 'parameters by seed in JAX as well, in a Python environment that is made for it')
  .option('--json <file>', 'write the results there, after each work')
  .option('--resume', 'keep what that file holds and measure what it lacks')
  .option('--profile', 'tell where the library’s time goes')
  .option('--list', 'list the works')
  .action((flags: Flags) =>
    main(flags).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }),
  )
  .parseAsync();
