/**
 * Where statements are from, said the same way on every page.
 */

/** A place in the Perceiver IO paper. */
export const paper = (where: string): string => `arXiv:2107.14795, ${where}`;

/** A place in DeepMind's code, google-deepmind/deepmind-research. */
export const deepMind = (where: string): string => `DeepMind's ${where}`;

/** A thread of questions and answers on GitHub. */
export const thread = (project: string, number: number): string =>
  `https://github.com/${project}/issues/${number}`;

/** What Hugging Face's code says. */
export const transformers = (where: string): string => `transformers, ${where}`;

/** A page of a model that circulates. */
export const modelCard = (repository: string): string => `https://huggingface.co/${repository}`;

/** Counted here, from the model itself. */
export const counted = 'counted from the model';
