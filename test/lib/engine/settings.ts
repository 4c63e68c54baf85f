/** A program run with every kind of kernels, on one thread and on two, and how its results are compared. */
import * as tf from '@tensorflow/tfjs-core';
import { engine, tidy } from '../../../lib/engine/index.js';

type Values = readonly Float32Array[];

/** The results of a program with each setting of the engine. */
export interface Runs {
  readonly relaxed: Values;
  readonly plain: Values;
  readonly stock: Values;
  /** The same, on two threads. */
  readonly relaxedTwice: Values;
  readonly plainTwice: Values;
  /** In plain JavaScript. */
  readonly cpu: Values;
}

const valuesOf = (run: () => readonly tf.Tensor[]): Values =>
  tidy(() => run().map((x) => Float32Array.from(x.dataSync())));

/** Runs a program with every setting. Its tensors are disposed of; nothing else may be left in memory. */
export const onEverySetting = async (run: () => readonly tf.Tensor[]): Promise<Runs> => {
  const results: Record<string, Values> = {};
  for (const kernels of ['relaxed', 'plain', 'stock'] as const) {
    await engine({ backend: 'wasm', kernels, threads: 1 });
    const before = [tf.memory().numTensors, tf.engine().backend.numDataIds()];
    results[kernels] = valuesOf(run);
    const after = [tf.memory().numTensors, tf.engine().backend.numDataIds()];
    if (String(before) !== String(after))
      throw new Error(`${kernels}: tensors are left: ${before} to ${after}`);
    if (kernels === 'stock') continue;
    await engine({ backend: 'wasm', kernels, threads: 2 });
    results[`${kernels}Twice`] = valuesOf(run);
  }
  await engine({ backend: 'cpu' });
  results.cpu = valuesOf(run);
  await engine({ backend: 'wasm', kernels: 'relaxed', threads: 1 });
  return results as unknown as Runs;
};

/**
 * The largest difference of two results over the largest finite value expected; infinite where one alone is NaN.
 * @param least what it is divided by at least: the size of the terms that a small result is the difference of
 */
export const distance = (found: Values, expected: Values, least = 0): number =>
  Math.max(
    0,
    ...expected.map((values, which) => {
      if (found[which].length !== values.length) return Infinity;
      const scale = values.reduce(
        (most, v) => (Number.isFinite(v) ? Math.max(most, Math.abs(v)) : most),
        least,
      );
      return values.reduce((worst, value, i) => {
        const other = found[which][i];
        if (Object.is(value, other) || value === other) return worst;
        const apart = Math.abs(value - other) / (scale || 1);
        return Math.max(worst, Number.isNaN(apart) ? Infinity : apart);
      }, 0);
    }),
  );

/** Are the bits of two results the same? */
export const isSame = (a: Values, b: Values): boolean =>
  a.every((values, i) => Buffer.from(values.buffer).equals(Buffer.from(b[i].buffer)));

/** Numbers in [-scale, scale] that look random and are always the same. */
export const noise = (shape: readonly number[], seed: number, scale = 1): tf.Tensor =>
  tf.tensor(
    Float32Array.from(
      { length: tf.util.sizeFromShape([...shape]) },
      (_, i) => scale * Math.sin((i + 1) * 12.9898 + seed * 78.233),
    ),
    [...shape],
  );
