/**
 * An engine in a page: requests come in as calls of a global function, answers are its results.
 */
import { answering, type Place } from '../answering.js';
import type { Engine } from '../engine.js';
import type { Answer, Request } from '../protocol.js';

interface Measured {
  readonly bytes: number;
}

/** What a page that is isolated may ask of its browser; heaps of WebAssembly never shrink, so it tells the most. */
const memory = async (): Promise<number | null> => {
  const { measureUserAgentSpecificMemory: measure } = performance as {
    measureUserAgentSpecificMemory?: () => Promise<Measured>;
  };
  return measure ? (await measure.call(performance)).bytes : null;
};

const place: Place = { resetPeak: () => undefined, peakBytes: memory, residentBytes: memory };

/** Numbers in lists: typed arrays do not come through. */
const plain = (answer: Answer): Answer =>
  answer.kind === 'prepared'
    ? {
        ...answer,
        samples: answer.samples.map((sample) => ({ ...sample, values: Array.from(sample.values) })),
      }
    : answer;

/** Puts `bench` into the page. */
export const serve = (engine: Engine): void => {
  const answer = answering(engine, place);
  Object.assign(globalThis, { bench: async (request: Request) => plain(await answer(request)) });
};
