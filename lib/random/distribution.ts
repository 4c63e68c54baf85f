/**
 * Distributions of which each draw is a function of one random word: uniform and normal floats. This is their
 * definition; faster forms elsewhere give the same bits.
 */
import { erfInvInPlace } from './erf.js';

const { fround } = Math;
const SQRT2 = fround(Math.SQRT2);

/** All numbers are float32. */
export type Distribution =
  /** 23 bits as a fraction of `span`, plus `min`. */
  | { readonly kind: 'uniform'; readonly min: number; readonly span: number }
  /** A uniform draw through the inverse error function: z in [lowest, highest], then scale·z + shift. */
  | {
      readonly kind: 'normal';
      readonly min: number;
      readonly span: number;
      readonly lowest: number;
      readonly highest: number;
      readonly scale: number;
      readonly shift: number;
    };

/** Normal floats. */
export type Normal = Extract<Distribution, { kind: 'normal' }>;

/** Some elements of a draw: out[from..from + count) is to be made of words[0..count). */
interface Part {
  readonly words: Uint32Array;
  readonly count: number;
  readonly from: number;
}

/**
 * Uniform floats in [min, min + span).
 *
 * The top 23 bits are the fraction. Product and sum are rounded once, as the fused multiply-add of JAX's CPU
 * code rounds them: a float64 holds the product exactly.
 * Source: jax/_src/random/core.py `_uniform`.
 */
const writeUniform = ({ words, count, from }: Part, { min, span }: Distribution, out: Float32Array): void => {
  for (let i = 0; i < count; i++) out[from + i] = (words[i] >>> 9) * 2 ** -23 * span + min;
};

/** √2·erf⁻¹(u) clipped to [lowest, highest], then scale·z + shift, rounded to float32 after each operation. */
const writeNormal = (part: Part, normal: Normal, out: Float32Array): void => {
  const { lowest, highest, scale, shift } = normal;
  const to = part.from + part.count;
  writeUniform(part, normal, out);
  erfInvInPlace(out, part.from, to);
  for (let i = part.from; i < to; i++) {
    let z = fround(SQRT2 * out[i]);
    z = z < lowest ? lowest : z > highest ? highest : z;
    out[i] = fround(scale * z) + shift;
  }
};

/** Writes a distribution's draws for some words. */
export const write = (part: Part, distribution: Distribution, out: Float32Array): void =>
  distribution.kind === 'uniform'
    ? writeUniform(part, distribution, out)
    : writeNormal(part, distribution, out);
