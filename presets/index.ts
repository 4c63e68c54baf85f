/**
 * The presets: every model that the library builds as its authors did.
 */
import { digits } from './digits/digits.js';
import { flow } from './flow/presets.js';
import { imagenetConv, imagenetFourier, imagenetLearned } from './imagenet/imagenet.js';
import { language, words } from './language/presets.js';
import { multimodal } from './multimodal/presets.js';
import { starcraft } from './starcraft/starcraft.js';

export type {
  Changes,
  InputError,
  Model,
  Preset,
  PresetCard,
  PublishedCheckpoint,
  Weights,
} from './preset.js';
export { preset, showInputError } from './preset.js';
export type { AttentionMap, AttentionMapOptions, Looked } from './attention/attentionMap.js';
export { attentionMap } from './attention/attentionMap.js';
export type { ShownLayer } from './attention/layers.js';
export type { CompiledWeights } from './compiled.js';
export { compiledWeights } from './compiled.js';
export type { Architecture } from './huggingFace/families.js';
export { architectures } from './huggingFace/families.js';
export type { HuggingFaceModel, WrittenModel } from './huggingFace/fromHuggingFace.js';
export { fromHuggingFace, toHuggingFace } from './huggingFace/fromHuggingFace.js';
export type { HuggingFaceError, LoadedModel, LoadOptions } from './huggingFace/loadHuggingFace.js';
export { loadHuggingFace, showHuggingFaceError } from './huggingFace/loadHuggingFace.js';
export type { Named, TranslateOptions, Translated } from './huggingFace/trees.js';
export { toHaikuNames, toHuggingFaceNames, translationPairs } from './huggingFace/trees.js';
export {
  digits,
  flow,
  imagenetConv,
  imagenetFourier,
  imagenetLearned,
  language,
  multimodal,
  starcraft,
  words,
};

/** By the names that the command line knows. */
export const presets = {
  language,
  'imagenet-learned': imagenetLearned,
  'imagenet-fourier': imagenetFourier,
  'imagenet-conv': imagenetConv,
  flow,
  multimodal,
  starcraft,
  digits,
  words,
} as const;
