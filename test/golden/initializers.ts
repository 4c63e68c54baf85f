/** Haiku's initializers as they were configured when their draws were stored, by the names that they have there. */
import type { HostArray, Shape } from '../../lib/data/array.js';
import * as initializers from '../../lib/language/initializers.js';
import { type Key, split } from '../../lib/random/index.js';

const configured: Readonly<Record<string, initializers.Initializer>> = {
  random_normal: initializers.randomNormal({ stddev: 0.5, mean: 0.1 }),
  random_uniform: initializers.randomUniform({ min: -0.3, max: 0.7 }),
  truncated_normal: initializers.truncatedNormal({ stddev: 0.02, mean: 0.5 }),
  identity: initializers.identity({ gain: 1.5 }),
  orthogonal: initializers.orthogonal({ scale: 1.1 }),
  uniform_scaling: initializers.uniformScaling({ scale: 1.3 }),
};

const modes = { in: 'fanIn', out: 'fanOut', avg: 'fanAvg' } as const;
const distributions = {
  truncated_normal: 'truncatedNormal',
  normal: 'normal',
  uniform: 'uniform',
} as const;

const scaling = (name: string): initializers.Initializer | undefined => {
  const said = /^variance_scaling_fan_(in|out|avg)_(truncated_normal|normal|uniform)$/.exec(name);
  if (!said) return undefined;
  const mode = modes[said[1] as keyof typeof modes];
  return initializers.varianceScaling({
    scale: 2,
    mode,
    distribution: distributions[said[2] as keyof typeof distributions],
  });
};

const initializerOf = (name: string): initializers.Initializer => {
  const constant = /^constant_([-.\d]+)$/.exec(name);
  const found = constant ? initializers.constant(Number(constant[1])) : (configured[name] ?? scaling(name));
  if (!found) throw new Error(`no initializer is known as '${name}'`);
  return found;
};

/** An initializer's array for a shape, drawn with the first key of a sequence. */
export const initialValue = (name: string, shape: Shape, root: Key): HostArray =>
  initializerOf(name).sample(shape, split(root)[1]);
