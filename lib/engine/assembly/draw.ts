/**
 * Random draws: words, and the uniform and normal floats that are made of them. Every word has a block of its own, so a
 * draw is cut anywhere.
 */
import { makeNormal } from './normal';
import { job, launch, nextJob, scratchOf } from './pool';
import { drawTask } from './tasks';
import { hash } from './threefry';
import { makeUniform } from './uniform';

/** Distributions, by number; 0 is for the words themselves. */
const uniform: i32 = 1;
const normal: i32 = 2;

/** Blocks that are worked on at once, a multiple of twelve so that a task ends where the next one begins. */
const chunk: i32 = 768;
/** Blocks of a task. */
const blocksOfTask: i32 = 8 * chunk;

@unmanaged
export class DrawJob {
  distribution: i32;
  /** The key, and the counters of block 0. */
  key0: i32;
  key1: i32;
  high: i32;
  low: i32;
  /** The block whose second counter is 0; −1 where there is none. */
  last: i32;
  count: i32;
  to: usize;
  /** The address of the second words; 0 where they are folded into the first ones. */
  second: usize;
  /** The bits' place value and what is added to them. */
  min: f64;
  step: f64;
  /** Of normal floats: what they are clipped to, multiplied by, and added to. */
  lowest: f32;
  highest: f32;
  scale: f32;
  shift: f32;
  logarithms: usize;
}

/** Makes floats of some words. */
function distribute(j: DrawJob, at: usize, count: i32, thread: i32): void {
  if (j.distribution == uniform) makeUniform(at, count, j.min, j.step);
  if (j.distribution == normal) makeNormal(j, at, count, scratchOf(thread));
}

/** Some blocks of a draw, a chunk at a time, which stays in the first cache. */
export function drawBlocks(index: i32, thread: i32): void {
  const j = job<DrawJob>();
  const end = min((index + 1) * blocksOfTask, j.count);
  for (let block = index * blocksOfTask; block < end; block += chunk) {
    const count = min(chunk, end - block);
    const to = j.to + (<usize>block << 2);
    const second = j.second ? j.second + (<usize>block << 2) : 0;
    hash(j.key0, j.key1, j.high, j.second != 0, j.low, block, count, to, second);
    if (j.last >= block && j.last < block + count) {
      const past = <usize>(j.last - block) << 2;
      hash(j.key0, j.key1, j.high, true, -j.last, j.last, 1, to + past, second + past);
    }
    distribute(j, to, count, thread);
    if (second) distribute(j, second, count, thread);
  }
}

/**
 * Begins with some blocks of a draw; they are there when the job is settled. What is made of their first words comes
 * to be at `to`, and of their second words at `second`. Both are room for `count` numbers and for 24 more.
 *
 * @param high first counter of block 0, which steps with the block where `second` is not 0; `low` the second counter
 * @param last the block whose second counter is 0; −1 where there is none
 * @param second 0 where both words of a block make one number
 * @param min with `step`, the uniform floats are bits · step + min
 * @param lowest with `highest`, what normal floats are clipped to before they are scaled and shifted
 * @param logarithms address of the table of lib/random/logarithm.ts
 */
export function beginDraw(
  distribution: i32,
  key0: i32,
  key1: i32,
  high: i32,
  low: i32,
  last: i32,
  count: i32,
  to: usize,
  second: usize,
  min: f64,
  step: f64,
  lowest: f32,
  highest: f32,
  scale: f32,
  shift: f32,
  logarithms: usize,
): void {
  const j = nextJob<DrawJob>();
  j.distribution = distribution;
  j.key0 = key0;
  j.key1 = key1;
  j.high = high;
  j.low = low;
  j.last = last;
  j.count = count;
  j.to = to;
  j.second = second;
  j.min = min;
  j.step = step;
  j.lowest = lowest;
  j.highest = highest;
  j.scale = scale;
  j.shift = shift;
  j.logarithms = logarithms;
  launch(drawTask, (count + blocksOfTask - 1) / blocksOfTask);
}
