/**
 * The licence of code, and of the weights that DeepMind published.
 */

export const code = 'Apache-2.0';

export const deepMindWeights = { code, weights: 'CC BY 4.0 (DeepMind)' } as const;
