/**
 * Gamma floats, by Marsaglia and Tsang's rejection, and beta floats, a ratio of two of them. Every element has a
 * key of its own, because the number of draws it takes is itself random.
 */
import { type HostArray, type Shape, array } from '../data/array.js';
import { drawSize } from './bits.js';
import { type Key, split } from './key.js';
import { openWords } from './openWords.js';
import { normal } from './normal.js';
import { uniform } from './uniform.js';

const { fround } = Math;
const THIRD = fround(1 / 3);
const SQUEEZE = fround(0.0331);

const log = (x: number): number => fround(Math.log(x));

const uniformOne = (key: Key): number => uniform(key, []).data[0];

/** A standard normal x and v = 1 + c·x, drawn again until v is positive. */
const positiveProposal = (key: Key, c: number): readonly [x: number, v: number] => {
  for (let link = key; ;) {
    const [next, sub] = split(link);
    const x = normal(sub, []).data[0];
    const v = fround(1 + x * c);
    if (v > 0) return [x, v];
    link = next;
  }
};

/** V such that d·V is a gamma draw of shape d + 1/3. Source: Marsaglia and Tsang 2000; `_gamma_one`. */
const acceptedCube = (key: Key, d: number): number => {
  const c = fround(THIRD / fround(Math.sqrt(d)));
  for (let link = key; ;) {
    const [next, proposalKey, uniformKey] = split(link, 3);
    const [x, v] = positiveProposal(proposalKey, c);
    const x2 = fround(x * x);
    const cube = fround(fround(v * v) * v);
    const u = uniformOne(uniformKey);
    const squeezed = u < fround(1 - SQUEEZE * fround(x2 * x2));
    if (squeezed || log(u) < fround(x2 * 0.5 + fround(d * fround(fround(1 - cube) + log(cube))))) return cube;
    link = next;
  }
};

/** The parts of a draw of shape `alpha`: d·cube, and for alpha < 1 a uniform in (0, 1] to the power 1 / alpha. */
interface Parts {
  readonly d: number;
  readonly cube: number;
  readonly boost: number;
}

const gammaParts = (key: Key, alpha: number): Parts => {
  const d = fround((alpha >= 1 ? alpha : fround(alpha + 1)) - THIRD);
  const [next, boostKey] = split(key);
  return { d, cube: acceptedCube(next, d), boost: alpha >= 1 ? 1 : fround(1 - uniformOne(boostKey)) };
};

const drawEach = (
  name: string,
  key: Key,
  alpha: number,
  shape: Shape,
  value: (parts: Parts, alpha: number) => number,
): HostArray<'float32'> => {
  if (!(alpha > 0 && alpha < Infinity))
    throw new RangeError(`${name}: the shape parameter must be positive, got ${alpha}`);
  if (openWords(key.words))
    throw new Error(
      `${name}: drawn by rejection, as often as it takes, which no program records; draw it outside of the function and ` +
        'give it as an argument',
    );
  const rounded = fround(alpha);
  const keys = split(key, drawSize(shape));
  return array(
    shape,
    'float32',
    Float32Array.from(keys, (k) => value(gammaParts(k, rounded), rounded)),
  );
};

/**
 * Gamma floats with the density x^(alpha - 1)·e^(-x).
 * @param alpha the shape parameter, positive
 * @returns float32 of `shape`
 * @throws RangeError when alpha is not positive and finite, or a dimension is not a count
 * Source: jax.random.gamma.
 */
export const gamma = (key: Key, alpha: number, shape: Shape): HostArray<'float32'> =>
  drawEach(
    'gamma',
    key,
    alpha,
    shape,
    ({ d, cube, boost }, a) => fround(d * cube) * fround(boost ** fround(1 / a)),
  );

/**
 * Logarithms of gamma floats, exact where the draws themselves would underflow (alpha much below 1).
 * @param alpha the shape parameter, positive
 * @returns float32 of `shape`
 * @throws RangeError when alpha is not positive and finite, or a dimension is not a count
 * Source: jax.random.loggamma.
 */
export const loggamma = (key: Key, alpha: number, shape: Shape): HostArray<'float32'> =>
  drawEach('loggamma', key, alpha, shape, ({ d, cube, boost }, a) => {
    const logBoost = boost === 1 ? 0 : fround(log(boost) * fround(1 / a));
    return fround(log(d) + log(cube)) + logBoost;
  });

/**
 * Beta floats in [0, 1], with the density x^(a - 1)·(1 - x)^(b - 1): the ratio of a gamma draw to the sum of two.
 * @param a positive
 * @param b positive
 * @returns float32 of `shape`
 * @throws RangeError when a or b is not positive and finite, or a dimension is not a count
 * @example beta(key(0), 0.2, 0.2, [8]) // MixUp's weights
 * Source: jax.random.beta.
 */
export const beta = (key: Key, a: number, b: number, shape: Shape): HostArray<'float32'> => {
  const [keyA, keyB] = split(key);
  const logA = loggamma(keyA, a, shape).data;
  const logB = loggamma(keyB, b, shape).data;
  const out = logA.map((x, i) => {
    const top = Math.max(x, logB[i]);
    const [gammaA, gammaB] = [fround(Math.exp(fround(x - top))), fround(Math.exp(fround(logB[i] - top)))];
    return gammaA / fround(gammaA + gammaB);
  });
  return array(shape, 'float32', out);
};
