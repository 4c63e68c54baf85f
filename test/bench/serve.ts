/**
 * An engine in a process of its own: requests come in as messages, answers go out as messages.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { answering, type Place } from './answering.js';
import type { Engine } from './engine.js';
import type { Request } from './protocol.js';

/** Linux counts the largest resident memory anew when this file is written to. */
const resetPeak = (): void => {
  (globalThis as { gc?: () => void }).gc?.();
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Elsewhere what preparation took counts as well.
  }
};

const peakBytes = (): number => {
  try {
    const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    if (kibibytes) return Number(kibibytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
};

const place: Place = { resetPeak, peakBytes, residentBytes: () => process.memoryUsage.rss() };

/** Answers the process that started this one, until it goes away. */
export const serve = (engine: Engine): void => {
  const answer = answering(engine, place);
  process.on('message', (request: Request) => {
    void answer(request).then((answered) => process.send?.(answered));
  });
  process.on('disconnect', () => process.exit());
};
