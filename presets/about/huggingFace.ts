/**
 * What Hugging Face's Perceivers and their cards have otherwise than DeepMind's code, for every model that is there.
 */
import type { Difference } from '../../lib/docs/about.js';
import { deepMind, modelCard, transformers } from './sources.js';

/** Which GELU. */
export const gelu: Difference = {
  what: 'GELU',
  said: 'Hugging Face\'s config: `hidden_act: "gelu"`, the exact form by erf.',
  found:
    "DeepMind's code calls `jax.nn.gelu`, which is the approximation by tanh unless told otherwise, and the weights were trained with it. On the language model with random weights and logits up to 135 the two differ by up to 0.0225, by 0.0050 in the mean. Here: `activation: 'geluTanh'`, and `'geluExact'` for models read by `fromHuggingFace`.",
  source: `${deepMind('perceiver.py')}; ${transformers('`PerceiverConfig`')}; computed with DeepMind's own code`,
};

/** A key that is never read. */
export const layerNormEps: Difference = {
  what: 'layer norm',
  said: "Hugging Face's config: `layer_norm_eps: 1e-12`.",
  found: "1e-5, there as in Haiku: the key is never read, the layers are built with PyTorch's default.",
  source: transformers('modeling_perceiver.py'),
};

/** From scratch it is another experiment. */
export const initialisation: Difference = {
  what: 'initial parameters',
  said: 'Hugging Face initialises every weight from a normal distribution with a deviation of 0.02.',
  found:
    'DeepMind: projections of attention and MLPs by variance scaling (fan in, truncated normal), plain linear layers and convolutions by a truncated normal of 1/√(fan in), embeddings by one of 1, latents and positions by one of 0.02. Training from scratch there is not the same experiment.',
  source: `${deepMind('perceiver.py')}; ${transformers('`PerceiverPreTrainedModel`')}`,
};

/** The licence that a card gives to weights. */
export const licence = (repository: string): Difference => ({
  what: 'licence',
  said: 'The card of the converted weights: Apache-2.0.',
  found: 'DeepMind published the parameters under CC BY 4.0; Apache-2.0 is the licence of its code.',
  source: `${modelCard(repository)}; README of deepmind-research/perceiver`,
});

/** All of the above. */
export const ofHuggingFace = (repository: string): readonly Difference[] => [
  gelu,
  layerNormEps,
  initialisation,
  licence(repository),
];
