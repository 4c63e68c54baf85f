/**
 * An engine in a process of its own: requests come in as messages, answers go out as messages.
 */
import { answering, type Place } from './answering.js';
import type { Engine } from './engine.js';
import { forgetPeak, peakBytes, residentBytes } from './memory.js';
import type { Request } from './protocol.js';

const place: Place = {
  resetPeak: () => {
    (globalThis as { gc?: () => void }).gc?.();
    forgetPeak('self');
  },
  peakBytes: () => peakBytes('self') ?? process.resourceUsage().maxRSS * 1024,
  residentBytes: () => residentBytes('self') ?? process.memoryUsage.rss(),
};

/** Answers the process that started this one, until it goes away. */
export const serve = (engine: Engine): void => {
  const answer = answering(engine, place);
  process.on('message', (request: Request) => {
    void answer(request).then((answered) => process.send?.(answered));
  });
  process.on('disconnect', () => process.exit());
};
