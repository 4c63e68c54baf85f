/**
 * Memory of processes as Linux tells it; elsewhere there is less to know.
 */
import { readFileSync, writeFileSync } from 'node:fs';

export type Process = number | 'self';

const statusOf = (process: Process, field: 'VmRSS' | 'VmHWM'): number | null => {
  try {
    const status = readFileSync(`/proc/${process}/status`, 'utf8');
    const [, kibibytes] = new RegExp(`${field}:\\s+(\\d+) kB`).exec(status) ?? [];
    return kibibytes === undefined ? null : Number(kibibytes) * 1024;
  } catch {
    return null;
  }
};

/** Resident memory now, in bytes. */
export const residentBytes = (process: Process): number | null => statusOf(process, 'VmRSS');

/** Largest resident memory so far, or since it was forgotten, in bytes. */
export const peakBytes = (process: Process): number | null => statusOf(process, 'VmHWM');

/** Begins to watch the largest resident memory anew, where that can be done. */
export const forgetPeak = (process: Process): void => {
  try {
    writeFileSync(`/proc/${process}/clear_refs`, '5');
  } catch {
    // Elsewhere what came before counts as well.
  }
};
