/** Random draws exported here, called by JAX with keys: the same numbers as the host's, which goldens hold to `jax.random`. */
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { array, type HostArray } from '../../lib/data/array.js';
import { toHostSync, toTensor } from '../../lib/data/leaf.js';
import { bernoulliTensor } from '../../lib/engine/index.js';
import * as random from '../../lib/random/index.js';
import { compare } from '../golden/compare.js';
import type { Group } from './finding.js';
import { type ComparedCase, tryCases } from './jaxCase.js';

type Draw = (key: random.Key) => HostArray | tf.Tensor;

/** Drawn by whole numbers alone, or by floats that are rounded once: every bit is the same. */
const exact: Readonly<Record<string, Draw>> = {
  bits: (key) => random.bits(key, [257]),
  uniform: (key) => random.uniform(key, [33, 31]),
  'uniform from -2 to 5': (key) => random.uniform(key, [1000], { min: -2, max: 5 }),
  bernoulli: (key) => random.bernoulli(key, 0.3, [1000]),
  dropout: (key) => bernoulliTensor(() => key, 0.7, [1000]),
  'randint below 10': (key) => random.randint(key, [1000], 0, 10),
  'randint of all integers': (key) => random.randint(key, [1000], -(2 ** 31), 2 ** 31 - 1),
  permutation: (key) => random.permutation(key, 2000),
  'split, and folded with 7': (key) =>
    random.uniform(random.foldIn(random.split(key, 3)[2], 7), [100], { min: -1, max: 1 }),
};

/** Logits that differ by more than the rounding of Gumbel floats. */
const logits = (): tf.Tensor => tf.mul(tf.reshape(tf.cos(tf.range(0, 2000)), [200, 10]), 2);

/** Through logarithms, which engines round in their own ways. */
const rounded: Readonly<Record<string, Draw>> = {
  normal: (key) => random.normal(key, [4000]),
  'truncated normal from -1 to 3': (key) => random.truncatedNormal(key, -1, 3, [1000]),
  gumbel: (key) => random.gumbel(key, [1000]),
  'categorical, as the largest sum of logits and Gumbel floats': (key) =>
    tf.argMax(tf.add(logits(), toTensor(random.gumbel(key, [200, 10]))), 1),
};

const seeds = [0, 7];

const placed = (drawn: HostArray | tf.Tensor): tf.Tensor =>
  drawn instanceof tf.Tensor ? drawn : toTensor(drawn);

/** A draw by keys of several seeds, which are arguments. */
const caseOf = (
  work: string,
  mode: random.Mode,
  [what, draw]: readonly [string, Draw],
  i: number,
): ComparedCase => {
  const keys = seeds.map((seed) => random.key(seed, mode));
  const f = (...given: random.Key[]) => given.map((key) => placed(draw(key)));
  const tolerance = what in rounded ? 1e-6 : 0;
  return {
    what: `${what}, by ${mode} keys`,
    folder: join(work, `${mode}-${i}`),
    f: f as never,
    specs: keys,
    args: keys.map(({ words }) => array([2], 'uint32', Uint32Array.from(words))),
    compare: (found) =>
      f(...keys).map((own, place) =>
        compare(String(place), found.get(String(place)) as HostArray, toHostSync(own), tolerance),
      ),
  };
};

/** Every draw that a program records, by keys of both modes. */
export const toJaxDraws = async (python: string, work: string): Promise<Group> => {
  const draws = Object.entries({ ...exact, ...rounded });
  const modes: readonly random.Mode[] = ['partitionable', 'legacy'];
  return {
    title: 'Exported here, called by JAX',
    doc: 'Random draws are programs of a key: whole numbers, trials, orders and uniform floats have every bit of the draws of this library, which are those of `jax.random`; floats that go through logarithms are within 1e-6.',
    findings: await tryCases(
      python,
      modes.flatMap((mode) => draws.map((draw, i) => caseOf(join(work, 'jax-draws'), mode, draw, i))),
    ),
  };
};
