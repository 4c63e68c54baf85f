/**
 * Causal attention beside full attention, forward and with gradients, in one run: `node dist/bench/causal.js [threads]`.
 * Runs take turns, so that what else the machine does falls on all of them alike; each figure is the lower quartile.
 */
import * as tf from '@tensorflow/tfjs-core';
import { engine, gradients } from '../lib/engine/index.js';
import { attend, type AttendOptions } from '../modules/attend.js';

const [queries, heads, width, rounds] = [1024, 8, 64, 21];

const kinds: Readonly<Record<string, AttendOptions>> = {
  full: {},
  causal: { causal: true },
  'causal, window of 128': { causal: true, window: 128 },
};

const quartile = (times: readonly number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 4)];

/** Milliseconds of each run, by name; the first round warms up. */
const timed = (runs: Readonly<Record<string, () => void>>): ReadonlyMap<string, number> => {
  const times = new Map<string, number[]>(Object.keys(runs).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++)
    for (const [name, run] of Object.entries(runs)) {
      const start = performance.now();
      tf.tidy(run);
      if (round > 0) times.get(name)?.push(performance.now() - start);
    }
  return new Map([...times].map(([name, found]) => [name, quartile(found)]));
};

const show = (what: string, times: ReadonlyMap<string, number>): void => {
  const full = times.get('full') as number;
  for (const [name, ms] of times)
    console.log(`${what}, ${name}: ${ms.toFixed(1)} ms, ${(ms / full).toFixed(2)} of full`);
};

const threads = Number(process.argv[2] ?? 2);
await engine({ threads });
const arrays = [1, 2, 3].map((seed) => tf.randomNormal([1, queries, heads, width], 0, 1, 'float32', seed));
const each = (run: (options: AttendOptions) => void) =>
  Object.fromEntries(Object.entries(kinds).map(([name, options]) => [name, () => run(options)]));
console.log(`${heads} heads of ${queries} × ${queries} × ${width}, threads: ${threads}`);
show('forward', timed(each((options) => attend(arrays[0], arrays[1], arrays[2], options))));
show(
  'forward and gradients',
  timed(each((options) => gradients((xs) => tf.sum(attend(xs[0], xs[1], xs[2], options)), arrays))),
);
