/**
 * Events as text: a line for a person, and lines of JSON that a run appends to a file. Lines beyond the checkpoint that
 * a run goes on from are cut, so that no step is there twice.
 */
import { showDuration } from '../data/quantities.js';
import { aPlace, blame } from '../files/error.js';
import { fileSystem } from '../files/fileSystem.js';
import { makeFolder } from '../files/makeFolder.js';
import { writeFile } from '../files/write.js';
import type { Figures } from './judging.js';
import type { TrainEvent } from './train.js';

const shown = (figures: Figures): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(', ');

const notFinite = ({ notes }: { readonly notes?: readonly string[] }): string =>
  notes ? `; not finite: ${notes.join(', ')}` : '';

/** A line about an event. */
export const showEvent = (event: TrainEvent): string => {
  switch (event.kind) {
    case 'started': {
      const from = event.from === undefined ? 'started' : `goes on from ${event.from}, step ${event.step}`;
      return [from, ...event.notes].join('; ');
    }
    case 'step': {
      const { isFinite: _isFinite, weight: _weight, ...metrics } = event.metrics;
      return `step ${event.step}: ${shown(metrics)}; ${showDuration(event.secondsLeft)} left${notFinite(event)}`;
    }
    case 'evaluated': {
      const averaged = event.ema ? `; averaged weights: ${shown(event.ema)}` : '';
      return `step ${event.step}, evaluation: ${shown(event.raw)}${averaged}${event.isBest ? '; the best so far' : ''}${notFinite(event)}`;
    }
    case 'saved':
      return `step ${event.step}: saved ${event.name}`;
    case 'notFinite':
      return event.message;
    case 'ended':
      return `ended after step ${event.step}: ${event.reason}`;
  }
};

/** An event as a line of JSON; weights are left out. */
export const jsonOf = (event: TrainEvent): string => {
  if (event.kind !== 'ended') return JSON.stringify(event);
  const { weights: _weights, averaged: _averaged, ...rest } = event;
  return JSON.stringify(rest);
};

/** The lines of a log up to a step; a last line that was cut off by the end of a process goes, too. */
export const linesUpTo = (text: string, step: number): string =>
  text
    .split('\n')
    .filter((line) => {
      try {
        return (JSON.parse(line) as { readonly step: number }).step <= step;
      } catch {
        return false;
      }
    })
    .map((line) => `${line}\n`)
    .join('');

/**
 * Appends the events of a run to a file, as lines of JSON. Where the run began, or goes on, lines of later steps are cut.
 * @example const log = jsonLines('runs/digits/log.jsonl'); for await (const event of train(…)) await log(event);
 */
export const jsonLines =
  (path: string): ((event: TrainEvent) => Promise<void>) =>
  async (event) => {
    const { fs, path: paths } = await fileSystem();
    try {
      await makeFolder(paths.dirname(path));
      if (event.kind === 'started') {
        const before = await fs.promises.readFile(path, 'utf8').catch(() => '');
        const text = event.from === undefined ? '' : linesUpTo(before, event.step);
        const bytes = new TextEncoder().encode(text);
        await writeFile({ path, parts: () => [bytes] }, bytes.length);
      }
      await fs.promises.appendFile(path, `${jsonOf(event)}\n`);
    } catch (error) {
      blame(path, error, aPlace);
    }
  };
