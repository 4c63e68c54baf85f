/** Everything that is measured. */
import type { Work } from '../work.js';
import { products } from './kernels.js';
import { models } from './models.js';

export const works: readonly Work[] = [...products, ...models];

/** @throws Error when there is none of that name */
export const findWork = (name: string): Work => {
  const found = works.find((work) => work.name === name);
  if (!found) throw new Error(`there is no work '${name}'`);
  return found;
};
