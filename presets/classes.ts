/** Logits to probabilities and to named classes, the likeliest first. */

/** A class that a model proposes. */
export interface ClassGuess {
  /** Position among the logits. */
  readonly index: number;
  readonly label: string;
  /** In [0, 1]; all classes together have 1. */
  readonly probability: number;
}

/**
 * exp(x) / Σ exp(x), in double precision; the largest logit is subtracted first against overflow.
 * @throws RangeError for logits that are NaN or infinite; -Infinity beside finite ones has the probability 0
 */
export const softmax = (logits: ArrayLike<number>): Float64Array => {
  const largest = Array.from(logits).reduce((a, b) => Math.max(a, b), -Infinity);
  if (logits.length > 0 && !Number.isFinite(largest)) {
    const index = Array.from(logits).findIndex((x) => !(x < Infinity) || largest === -Infinity);
    throw new RangeError(`the model's score of class ${index} is ${logits[index]}, expected a finite number`);
  }
  const powers = Float64Array.from(logits, (x) => Math.exp(x - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
};

/**
 * The likeliest classes, the likeliest first; among equals the lower index first, as in `jax.lax.top_k`.
 *
 * @param logits  [numClasses]
 * @param labels  names in the order of the logits; a class without a name is called by its index
 * @param count   number of classes to give
 */
export const topClasses = (
  logits: ArrayLike<number>,
  labels: readonly string[],
  count = 5,
): readonly ClassGuess[] => {
  const probabilities = softmax(logits);
  return Array.from(logits, (logit, index) => ({ logit, index }))
    .sort((a, b) => b.logit - a.logit || a.index - b.index)
    .slice(0, count)
    .map(({ index }) => ({
      index,
      label: labels[index] ?? `class ${index}`,
      probability: probabilities[index],
    }));
};
