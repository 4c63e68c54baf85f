/** Everything that is measured. */
import type { Work } from '../work.js';
import { initialisation } from './initialisation.js';
import { kernels } from './kernels.js';
import { layers } from './layers.js';
import { models } from './models.js';
import { products } from './products.js';
import { steps } from './steps.js';
import { training } from './training.js';

export const works: readonly Work[] = [
  ...products,
  ...kernels,
  ...layers,
  ...models,
  ...training,
  ...initialisation,
];

/** @throws Error when there is none of that name */
export const findWork = (name: string): Work => {
  const found = [...works, ...steps].find((work) => work.name === name);
  if (!found) throw new Error(`there is no work '${name}'`);
  return found;
};
