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
  InputGrid,
  Model,
  Preset,
  PresetCard,
  PublishedCheckpoint,
  Weights,
} from './preset.js';
export { preset } from './preset.js';
export type { InputError } from '../lib/data/inputError.js';
export { showInputError } from '../lib/data/inputError.js';
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
export type { Digit, GreyPicture } from './digits/digits.js';
export type { Flow, FramePair } from './flow/presets.js';
export type { Blanks, FilledSpan, FilledText } from './language/fillMask.js';
export type { ClassGuess } from './classes.js';
export type { Picture } from '../lib/media/picture.js';
export type { Sound } from '../lib/media/sound.js';
export type { ClipInput, DecodedClip } from './multimodal/autoencode.js';
export type { MultimodalInputs, MultimodalOutputs, MultimodalPoints } from './multimodal/multimodal.js';
export type { Entities, Entity } from './starcraft/features.js';
export type { StarcraftOutputs } from './starcraft/network.js';
export type { EntityVectors } from './starcraft/starcraft.js';
export type { HuggingFaceConfig } from './huggingFace/family.js';
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
