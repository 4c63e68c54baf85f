/**
 * What people know of the presets: the texts of their pages and model cards. Not among the presets' exports: models need
 * none of it.
 */
import type { About } from '../../lib/docs/about.js';
import type { presets } from '../index.js';
import { digits } from './digits.js';
import { flow } from './flow.js';
import { imagenetConv } from './imagenetConv.js';
import { imagenetFourier } from './imagenetFourier.js';
import { imagenetLearned } from './imagenetLearned.js';
import { language } from './language.js';
import { multimodal } from './multimodal.js';
import { starcraft } from './starcraft.js';
import { words } from './words.js';

/** By the names that the command line knows. */
export const abouts: Readonly<Record<keyof typeof presets, About>> = {
  language,
  'imagenet-learned': imagenetLearned,
  'imagenet-fourier': imagenetFourier,
  'imagenet-conv': imagenetConv,
  flow,
  multimodal,
  starcraft,
  digits,
  words,
};
