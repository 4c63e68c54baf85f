/**
 * Measures one work on several engines: each in a process of its own, one run of each in turn, round after round, so
 * that what else the machine does falls on all of them alike.
 */
import { type Contestant, contestant } from './child.js';
import { count } from './count.js';
import { baseline, type EngineSpec, library } from './engines/index.js';
import { differenceOf, type Sample } from './sample.js';
import type { Refusal, Row, Work } from './work.js';

export interface Pace {
  /** Most rounds. */
  readonly rounds: number;
  /** Seconds that a turn is filled with, where a run takes less. */
  readonly turn: number;
  /** Seconds that an engine may take for all its rounds; one round it always has. */
  readonly budget: number;
}

export interface Measured {
  readonly rows: readonly Row[];
  readonly refusals: readonly Refusal[];
  readonly versions: Readonly<Record<string, string>>;
}

interface Entrant extends Contestant {
  readonly firstSeconds: number;
  readonly sample: Sample;
  readonly difference: number | null;
}

const median = (sorted: readonly number[]): number => {
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

const describe = ({ spec, threads }: Contestant) => ({ engine: spec.name, threads });

/** Every engine with every number of threads that it is measured with. */
const contestantsOf = (engines: readonly EngineSpec[]): readonly (readonly [EngineSpec, number])[] =>
  engines.flatMap((spec) => spec.threads.map((threads) => [spec, threads] as const));

export const measure = async (
  work: Work,
  engines: readonly EngineSpec[],
  pace: Pace,
  tell: (what: string) => void,
): Promise<Measured> => {
  const refusals: Refusal[] = [];
  const entrants: Entrant[] = [];
  let versions: Readonly<Record<string, string>> = {};
  const refuse = (who: Contestant, error: unknown): void => {
    who.end();
    refusals.push({ work: work.name, ...describe(who), reason: (error as Error).message });
  };

  const enter = async (who: Contestant): Promise<void> => {
    tell(`${who.spec.name}, ${who.threads}: preparing`);
    const { name } = work;
    const prepared = await who.ask({ kind: 'prepare', work: name, threads: who.threads }, 'prepared');
    versions = { ...versions, ...prepared.versions };
    const reference = entrants.find(({ spec }) => spec.name === library)?.sample;
    const difference = reference ? differenceOf(prepared.sample, reference) : null;
    if (difference !== null && !(difference <= work.tolerance))
      throw new Error(`its output differs by ${difference.toExponential(1)} from the library's`);
    entrants.push({ ...who, ...prepared, difference });
  };

  const seconds = new Map<Entrant, number[]>();
  const play = async (entrant: Entrant, round: number): Promise<void> => {
    const times = seconds.get(entrant) ?? [];
    seconds.set(entrant, times);
    const isSpent = times.length > 0 && times.reduce((a, b) => a + b, 0) + times[0] > pace.budget;
    if (isSpent) return;
    tell(`${entrant.spec.name}, ${entrant.threads}: round ${round + 1}`);
    times.push((await entrant.ask({ kind: 'run', atLeast: pace.turn }, 'ran')).seconds);
  };

  try {
    for (const [spec, threads] of contestantsOf(engines)) {
      const who = contestant(spec, threads);
      await enter(who).catch((error: unknown) => refuse(who, error));
    }
    for (let round = 0; round < pace.rounds; round++) {
      for (let turn = 0; turn < entrants.length; turn++)
        await play(entrants[(round + turn) % entrants.length], round);
    }
    const rows = await Promise.all(
      entrants.map((entrant) => rowOf(work, entrant, seconds.get(entrant) ?? [])),
    );
    const reference = rows.find(({ engine }) => engine === baseline)?.seconds;
    return {
      refusals,
      versions,
      rows: rows.map((row) => ({ ...row, ratio: reference === undefined ? null : reference / row.seconds })),
    };
  } finally {
    entrants.forEach(({ end }) => end());
  }
};

const rowOf = async (work: Work, entrant: Entrant, times: readonly number[]): Promise<Row> => {
  const sorted = [...times].sort((a, b) => a - b);
  const seconds = median(sorted);
  const { flops, weightBytes } = count(
    work.program,
    work.inputs.map(({ shape }) => shape),
  );
  const { peakBytes, liveBytes } = await entrant.ask({ kind: 'measure' }, 'measured');
  return {
    work: work.name,
    group: work.group,
    ...describe(entrant),
    seconds,
    spread: (sorted[sorted.length - 1] - sorted[0]) / seconds,
    rounds: sorted.length,
    gflops: flops ? flops / seconds / 1e9 : null,
    peakBytes,
    liveBytes,
    weightBytes,
    ratio: null,
    difference: entrant.difference,
  };
};
