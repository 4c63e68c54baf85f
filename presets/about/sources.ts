/**
 * Sources, licences and differences that pages of several presets share, said the same way on each.
 */
import type { Difference } from '../../lib/docs/about.js';

/** A place in the Perceiver IO paper. */
export const paper = (where: string): string => `arXiv:2107.14795, ${where}`;

/** A place in DeepMind's code, google-deepmind/deepmind-research. */
export const deepMind = (where: string): string => `DeepMind's ${where}`;

/** A thread of questions and answers on GitHub. */
export const thread = (project: string, number: number): string =>
  `https://github.com/${project}/issues/${number}`;

/** A place in Hugging Face's transformers. */
export const transformers = (where: string): string => `transformers, ${where}`;

/** A model card of Hugging Face. */
export const modelCard = (repository: string): string => `https://huggingface.co/${repository}`;

/** Counted from the model itself. */
export const counted = 'counted from the model';

/** The licence of the code. */
export const code = 'Apache-2.0';

/** The licences of the code and of the weights that DeepMind published. */
export const deepMindWeights = { code, weights: 'CC BY 4.0 (DeepMind)' } as const;

/** Entries of one bibliography in BibTeX. */
export const cite = (...entries: readonly string[]): string => entries.join('\n\n');

export const perceiverIO = `@inproceedings{jaegle2022perceiverio,
  title         = {Perceiver {IO}: A General Architecture for Structured Inputs \\& Outputs},
  author        = {Jaegle, Andrew and Borgeaud, Sebastian and Alayrac, Jean-Baptiste and Doersch, Carl and
                   Ionescu, Catalin and Ding, David and Koppula, Skanda and Zoran, Daniel and Brock, Andrew and
                   Shelhamer, Evan and H{\\'e}naff, Olivier and Botvinick, Matthew M. and Zisserman, Andrew and
                   Vinyals, Oriol and Carreira, Jo{\\~a}o},
  booktitle     = {International Conference on Learning Representations},
  year          = {2022},
  eprint        = {2107.14795},
  archivePrefix = {arXiv}
}`;

/** The form of GELU. */
export const gelu: Difference = {
  what: 'GELU',
  said: 'Hugging Face\'s config: `hidden_act: "gelu"`, the exact form by erf.',
  found:
    "DeepMind's code calls `jax.nn.gelu`, which is the approximation by tanh unless told otherwise, and the weights were trained with it. On the language model with random weights and logits up to 135 the two differ by up to 0.0225, by 0.0050 in the mean. Here: `activation: 'geluTanh'`, and `'geluExact'` for models read by `fromHuggingFace`.",
  source: `${deepMind('perceiver.py')}; ${transformers('`PerceiverConfig`')}; computed with DeepMind's own code`,
};

/** A key of the config that is never read. */
const layerNormEps: Difference = {
  what: 'layer norm',
  said: "Hugging Face's config: `layer_norm_eps: 1e-12`.",
  found: "1e-5, there as in Haiku: the key is never read, the layers are built with PyTorch's default.",
  source: transformers('modeling_perceiver.py'),
};

/** Initial parameters: training from scratch differs. */
const initialisation: Difference = {
  what: 'initial parameters',
  said: 'Hugging Face initialises every weight from a normal distribution with a deviation of 0.02.',
  found:
    'DeepMind: projections of attention and MLPs by variance scaling (fan in, truncated normal), plain linear layers and convolutions by a truncated normal of 1/√(fan in), embeddings by one of 1, latents and positions by one of 0.02. Training from scratch there is not the same experiment.',
  source: `${deepMind('perceiver.py')}; ${transformers('`PerceiverPreTrainedModel`')}`,
};

/** The licence of the weights on a model card. */
const licence = (repository: string): Difference => ({
  what: 'licence',
  said: 'The card of the converted weights: Apache-2.0.',
  found: 'DeepMind published the parameters under CC BY 4.0; Apache-2.0 is the licence of its code.',
  source: `${modelCard(repository)}; README of deepmind-research/perceiver`,
});

/** Differences between Hugging Face's Perceivers and DeepMind's code, for every model that is there. */
export const ofHuggingFace = (repository: string): readonly Difference[] => [
  gelu,
  layerNormEps,
  initialisation,
  licence(repository),
];

export const firstPerceiver = `@inproceedings{jaegle2021perceiver,
  title         = {Perceiver: General Perception with Iterative Attention},
  author        = {Jaegle, Andrew and Gimeno, Felix and Brock, Andrew and Zisserman, Andrew and Vinyals, Oriol and
                   Carreira, Jo{\\~a}o},
  booktitle     = {International Conference on Machine Learning},
  year          = {2021},
  eprint        = {2103.03206},
  archivePrefix = {arXiv}
}`;
