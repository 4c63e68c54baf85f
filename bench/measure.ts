/**
 * Measures one work on several engines: each in a process of its own, one run of each in turn, round after round, so
 * that what else the machine does falls on all of them alike.
 */
import type { Contestant, Start } from './contestant.js';
import { count } from './count.js';
import { baselineFor, library } from './engines/index.js';
import type { PreparedAnswer } from './protocol.js';
import { differenceOf, type Sample } from './sample.js';
import type { Profile, Refusal, Row, Work } from './work.js';

export interface Pace {
  /** Most rounds. */
  readonly rounds: number;
  /** Seconds that a turn is filled with, where a run takes less. */
  readonly turn: number;
  /** Seconds that an engine may take for all its rounds; one round it always has. */
  readonly budget: number;
  /** Seconds that an engine runs before its first round, so that compilers are done: V8's, XLA's, PyTorch's; 0 if not given. */
  readonly warmUp?: number;
  /** True if the library is asked for its time by kernel. */
  readonly isProfiled: boolean;
  /** True if rows hold the time from opening the weights to the first outputs. */
  readonly isCold?: boolean;
}

export interface Measured {
  readonly rows: readonly Row[];
  readonly refusals: readonly Refusal[];
  readonly profiles: readonly Profile[];
}

interface Entrant
  extends Contestant, Pick<PreparedAnswer, 'coldSeconds' | 'readSeconds' | 'openingPeakBytes'> {
  readonly samples: readonly Sample[];
  readonly difference: number | null;
  readonly idleBytes: number | null;
  /** Seconds of each round. */
  readonly times: number[];
}

/** Seconds of a first run, outputs read, above which no other run is waited for. */
const slow = 60;

/** Products for each of the forward's: a derivative takes two. */
const passes: Readonly<Partial<Record<Work['group'], number>>> = { training: 3, initialisation: 0 };

/** The middle of sorted numbers. */
export const median = (sorted: readonly number[]): number => {
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** @throws Error where the engine cannot do the work, or its outputs are not the library's */
const enter = async (who: Contestant, work: Work, reference?: readonly Sample[]): Promise<Entrant> => {
  const request = { kind: 'prepare' as const, work: work.name, threads: who.threads };
  const { firstSeconds, ...prepared } = await who.ask(request, 'prepared');
  const difference = reference ? differenceOf(prepared.samples, reference) : null;
  if (difference !== null && !(difference <= work.tolerance))
    throw new Error(`its output differs by ${difference.toExponential(1)} from the library's`);
  return { ...who, ...prepared, difference, times: firstSeconds > slow ? [firstSeconds] : [] };
};

const play = async ({ ask, times }: Entrant, { turn, budget }: Pace): Promise<void> => {
  const spent = times.reduce((sum, seconds) => sum + Math.max(seconds, turn), 0);
  if (times.length > 0 && spent + times[0] > budget) return;
  times.push((await ask({ kind: 'run', atLeast: turn }, 'ran')).seconds);
};

const warm = async ({ ask }: Entrant, { warmUp = 0 }: Pace): Promise<void> => {
  if (warmUp > 0) await ask({ kind: 'run', atLeast: warmUp }, 'ran');
};

const coldOf = ({ coldSeconds, readSeconds }: Entrant): Pick<Row, 'coldSeconds' | 'readSeconds'> =>
  readSeconds === undefined ? { coldSeconds } : { coldSeconds, readSeconds };

const rowOf = async (work: Work, entrant: Entrant, { isCold }: Pace): Promise<Row> => {
  const sorted = [...entrant.times].sort((a, b) => a - b);
  const seconds = median(sorted);
  const { flops, weightBytes } = count(
    work.program,
    work.inputs.map(({ shape }) => shape),
  );
  const operations = (passes[work.group] ?? 1) * flops;
  const { peakBytes, residentBytes, liveBytes } = await entrant.ask({ kind: 'measure' }, 'measured');
  return {
    work: work.name,
    group: work.group,
    engine: entrant.name,
    threads: entrant.threads,
    seconds,
    spread: (sorted[sorted.length - 1] - sorted[0]) / seconds,
    rounds: sorted.length,
    gflops: operations ? operations / seconds / 1e9 : null,
    peakBytes,
    idleBytes: entrant.idleBytes,
    liveBytes,
    weightBytes,
    ratio: null,
    ...(isCold && { ...coldOf(entrant), openingPeakBytes: entrant.openingPeakBytes, residentBytes }),
    difference: entrant.difference,
  };
};

const withRatios = (rows: readonly Row[]): readonly Row[] => {
  const secondsOf = (name: string) => rows.find(({ engine }) => engine === name)?.seconds;
  return rows.map((row) => {
    const reference = secondsOf(baselineFor(row.engine));
    return { ...row, ratio: reference === undefined ? null : reference / row.seconds };
  });
};

/**
 * Rows of one work, the library's first: its outputs are what all others are compared with before they are timed.
 * @param starts  the engines; they are started one after the other
 * @param tell    hears what is being done
 */
export const measure = async (
  work: Work,
  starts: readonly Start[],
  pace: Pace,
  tell: (what: string) => void,
): Promise<Measured> => {
  const refusals: Refusal[] = [];
  const entrants = new Set<Entrant>();
  const refuse = ({ name: engine, threads }: Pick<Start, 'name' | 'threads'>, error: unknown): void => {
    refusals.push({ work: work.name, engine, threads, reason: (error as Error).message });
  };
  /** Runs an engine's next step; an engine that fails leaves with its error. */
  const next = async <A>(who: Contestant, what: string, act: () => Promise<A>): Promise<A | undefined> => {
    tell(`${work.name}: ${who.name}, ${who.threads}, ${what}`);
    try {
      return await act();
    } catch (error) {
      who.end();
      refuse(who, error);
      for (const entrant of entrants) if (entrant.end === who.end) entrants.delete(entrant);
      return undefined;
    }
  };
  try {
    for (const begin of starts) {
      const who = await begin.start().catch((error: unknown) => refuse(begin, error));
      if (!who) continue;
      // Without the library the first engine is what the others are compared with.
      const known = [...entrants];
      const reference = (known.find(({ name }) => name === library) ?? known[0])?.samples;
      const entrant = await next(who, 'preparing', () => enter(who, work, reference));
      if (entrant) entrants.add(entrant);
    }
    for (const entrant of [...entrants]) await next(entrant, 'warming up', () => warm(entrant, pace));
    for (let round = 0; round < pace.rounds; round++) {
      const turns = [...entrants];
      for (let turn = 0; turn < turns.length; turn++) {
        const entrant = turns[(round + turn) % turns.length];
        await next(entrant, `round ${round + 1}`, () => play(entrant, pace));
      }
    }
    const rows: Row[] = [];
    for (const entrant of [...entrants]) {
      const row = await next(entrant, 'measuring memory', () => rowOf(work, entrant, pace));
      if (row) rows.push(row);
    }
    const profiles: Profile[] = [];
    const profiled = [...entrants].filter(({ name }) => pace.isProfiled && name === library);
    for (const entrant of profiled) {
      const asked = () => entrant.ask({ kind: 'profile' }, 'profiled');
      const { kernels = [] } = (await next(entrant, 'profiling', asked)) ?? {};
      profiles.push({ work: work.name, engine: entrant.name, threads: entrant.threads, kernels });
    }
    return { refusals, profiles, rows: withRatios(rows) };
  } finally {
    entrants.forEach(({ end }) => end());
  }
};
