/**
 * The side of an engine, wherever it runs: prepares a work when it is asked to, runs it, and tells what it took.
 */
import type { Engine, Prepared } from './engine.js';
import type { Answer, Request } from './protocol.js';
import { sampleOf } from './sample.js';
import { findWork } from './works/index.js';

/** Functions that depend on the process: reading its memory. */
export interface Place {
  /** Forgets what is no longer needed and begins to watch the largest resident memory anew. */
  readonly resetPeak: () => void;
  /** Resident memory now, in bytes; null where there is no way to know. */
  readonly residentBytes: () => number | null;
  /** Largest resident memory in bytes since then; null where there is no way to know. */
  readonly peakBytes: () => number | null;
}

const timed = async <A>(work: () => A | Promise<A>): Promise<[result: A, seconds: number]> => {
  const start = performance.now();
  const result = await work();
  return [result, (performance.now() - start) / 1000];
};

const prepare = async (
  engine: Engine,
  place: Place,
  { work, threads }: { readonly work: string; readonly threads: number },
): Promise<{ readonly prepared: Prepared; readonly answer: Answer }> => {
  await engine.start(threads);
  const idleBytes = place.residentBytes();
  place.resetPeak();
  const [prepared, openSeconds] = await timed(() => engine.prepare(findWork(work)));
  const opened = place.peakBytes();
  place.resetPeak();
  const [outputs, firstSeconds] = await timed(prepared.outputs);
  const first = place.peakBytes();
  const openingPeakBytes = opened === null || first === null ? null : Math.max(opened, first);
  const samples = outputs.map(sampleOf);
  const coldSeconds = openSeconds + firstSeconds;
  const readSeconds = prepared.readSeconds?.();
  return {
    prepared,
    answer: {
      kind: 'prepared',
      samples,
      firstSeconds,
      coldSeconds,
      readSeconds,
      idleBytes,
      openingPeakBytes,
    },
  };
};

/** As many runs as it takes to fill a time, one at least. */
const run = async (prepared: Prepared, atLeast: number): Promise<Answer> => {
  let [runs, seconds] = [0, 0];
  while (runs === 0 || seconds < atLeast) {
    seconds += (await timed(prepared.run))[1];
    runs++;
  }
  return { kind: 'ran', seconds: seconds / runs, runs };
};

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : typeof error === 'string' ? error : JSON.stringify(error);

/** Requests to an engine one after the other; what it throws is an answer too. */
export const answering = (engine: Engine, place: Place): ((request: Request) => Promise<Answer>) => {
  let current: Prepared | undefined;
  const answer = async (request: Request): Promise<Answer> => {
    if (request.kind === 'prepare') {
      const { prepared, answer } = await prepare(engine, place, request);
      current = prepared;
      return answer;
    }
    if (!current) throw new Error('nothing is prepared');
    if (request.kind === 'run') return run(current, request.atLeast);
    if (request.kind === 'profile') return { kind: 'profiled', kernels: (await current.profile?.()) ?? [] };
    return {
      kind: 'measured',
      peakBytes: place.peakBytes(),
      residentBytes: place.residentBytes(),
      liveBytes: current.live?.() ?? null,
    };
  };
  return (request) =>
    answer(request).catch((error: unknown) => ({ kind: 'failed', reason: messageOf(error) }));
};
