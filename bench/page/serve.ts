/**
 * An engine in a page: requests come in as calls of a global function, answers are its results. Its memory is seen from
 * outside.
 */
import { answering, type Place } from '../answering.js';
import type { Engine } from '../engine.js';
import type { Answer, Request } from '../protocol.js';

const place: Place = { resetPeak: () => undefined, peakBytes: () => null, residentBytes: () => null };

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
