/** Every kernel that has a form in StableHLO. */
import { arrangement } from './arrangement.js';
import { attentions } from './attention.js';
import { elementwise } from './elementwise.js';
import { indexing } from './indexing.js';
import type { Operators } from './operator.js';
import { packs } from './packs.js';
import { products } from './products.js';
import { random } from './random.js';
import { reductions } from './reductions.js';
import { windows } from './windows.js';

export const operators: Operators = {
  ...elementwise,
  ...reductions,
  ...random,
  ...arrangement,
  ...indexing,
  ...products,
  ...windows,
  ...attentions,
  ...packs,
};

/** Tells kernels that have no form in StableHLO of their own, and are written as what they are composed of. */
export const isComposedInStablehlo = (kernel: string): boolean => !(kernel in operators);
