/**
 * Batch norm under both names. Haiku keeps three numbers for each moving average, PyTorch one and a count for both:
 * what Haiku has beside the average follows from it and the count.
 */
import { type HostArray, float32, toFloat32 } from '../../lib/data/array.js';
import type { DerivedRule, NameRule } from '../../lib/checkpoint/index.js';
import { inParams, inState } from './blocks.js';

/** Images' channels: Haiku keeps the axes of batch, rows and columns. */
const byChannel = { kind: 'leadingOnes', count: 3 } as const;

/** How much of the old average stays at each step: Haiku's `decay_rate`, 1 less PyTorch's `momentum`. */
const decayRate = 0.9;

/** Scale, offset and what is kept of the batches that were seen. */
export const batchNormNames = (haiku: string, huggingFace: string): readonly NameRule[] => [
  ...inParams([
    { left: `${haiku}/scale`, right: `${huggingFace}.weight`, arrangement: byChannel },
    { left: `${haiku}/offset`, right: `${huggingFace}.bias`, arrangement: byChannel },
  ]),
  ...inState([
    {
      left: `${haiku}/~/mean_ema/average`,
      right: `${huggingFace}.running_mean`,
      arrangement: byChannel,
    },
    { left: `${haiku}/~/var_ema/average`, right: `${huggingFace}.running_var`, arrangement: byChannel },
    {
      left: `${haiku}/~/mean_ema/counter`,
      right: `${huggingFace}.num_batches_tracked`,
      arrangement: { kind: 'counter' },
    },
  ]),
];

/** The sum that an average is made of: what `average` is before it is corrected for having begun at zero. */
const hiddenOf = ([average, counter]: readonly HostArray[]): HostArray => {
  const share = 1 - decayRate ** Number(counter.data[0]);
  return float32(
    average.shape,
    toFloat32(average).map((value) => value * share),
  );
};

/** How far a stored sum may be from its average, as a share: what float32 makes of many steps. */
const roundings = 1e-4;

const isNear = (given: HostArray, made: HostArray): boolean => {
  const [a, b] = [toFloat32(given), toFloat32(made)];
  const largest = b.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.length === b.length && b.every((value, i) => Math.abs(value - a[i]) <= roundings * largest);
};

const isSameNumber = (given: HostArray, made: HostArray): boolean =>
  Number(given.data[0]) === Number(made.data[0]);

/** What Haiku has and PyTorch does not. */
export const batchNormDerived = (haiku: string): readonly DerivedRule[] => {
  const [mean, variance] = [`state/${haiku}/~/mean_ema`, `state/${haiku}/~/var_ema`];
  return [
    {
      left: `${variance}/counter`,
      from: [`${mean}/counter`],
      make: ([counter]) => counter,
      agrees: isSameNumber,
    },
    ...[mean, variance].map((average) => ({
      left: `${average}/hidden`,
      from: [`${average}/average`, `${mean}/counter`],
      make: hiddenOf,
      agrees: isNear,
    })),
  ];
};
