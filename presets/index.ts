/**
 * The presets: every model that the library builds as its authors did.
 */
export { presetNames, presets } from './registry.js';
export type { PresetName, PresetsOf } from './registry.js';
export type { PresetRecipes } from './recipes.js';
export { recipes } from './recipes.js';
export { audiosetMel, audiosetRaw } from './audioset/preset.js';
export { digits } from './digits/preset.js';
export { digitTones } from './digitTones/preset.js';
export { flow, flowLight } from './flow/preset.js';
export { glue } from './glue/preset.js';
export {
  imagenetConv,
  imagenetConvB,
  imagenetFourier,
  imagenetFourierB,
  imagenetLearned,
} from './imagenet/preset.js';
export { language, languagePlus, languageSentencepiece } from './language/preset.js';
export { motion } from './motion/preset.js';
export { multimodal, multimodal196, multimodal392 } from './multimodal/preset.js';
export { perceiver, perceiverPoints } from './perceiver/preset.js';
export { configurations as perceiverArConfigurations, perceiverAr } from './perceiverAr/preset.js';
export { entityTransformer, starcraft } from './starcraft/preset.js';
export { textClassifier } from './textClassifier/preset.js';
export { words } from './words/preset.js';
export type {
  Changes,
  InputGrid,
  Model,
  PartOptions,
  Preset,
  PresetCard,
  PublishedCheckpoint,
  RunOptions,
} from './preset.js';
export { preset } from './preset.js';
export type { Weights } from '../lib/data/leaf.js';
export type { InputError } from '../lib/data/inputError.js';
export { showInputError } from '../lib/data/inputError.js';
export type { AttentionMap, AttentionMapOptions, Looked, ShownLayer } from './attentionMap.js';
export { attentionMap } from './attentionMap.js';
export type { Architecture } from './huggingFace/families.js';
export { architectures } from './huggingFace/families.js';
export type { HuggingFaceModel, WrittenModel } from './huggingFace/fromHuggingFace.js';
export { fromHuggingFace, toHuggingFace } from './huggingFace/fromHuggingFace.js';
export type { HuggingFaceError, LoadedModel, LoadOptions } from './huggingFace/loadHuggingFace.js';
export { loadHuggingFace, showHuggingFaceError } from './huggingFace/loadHuggingFace.js';
export type { Named, TranslateOptions, Translated } from './huggingFace/trees.js';
export { toHaikuNames, toHuggingFaceNames, translationPairs } from './huggingFace/trees.js';
export type { HuggingFaceConfig } from './huggingFace/family.js';
export type { Digit, GreyPicture } from './digits/run.js';
export type { Flow, FramePair } from './flow/run.js';
export type { Blanks, FilledSpan, FilledText } from './language/run.js';
export type { TextClasses, TextToClassify } from './textClassifier/run.js';
export type { GlueAnswer, GlueQuestion } from './glue/run.js';
export type { SentencePieceOptions, SentencePieceTokenizer } from './language/run/sentencePiece.js';
export { sentencePiece } from './language/run/sentencePiece.js';
export type { PieceBlanks, PieceGuess } from './language/run/pieces.js';
export type { Recording } from './audioset/run.js';
export type { PointCloud } from './perceiver/run.js';
export type { ClassGuess } from './classes.js';
export type { Picture } from '../lib/media/picture.js';
export type { Sound } from '../lib/media/sound.js';
export type { DecodedClip } from './multimodal/run.js';
export type { Clip } from './multimodal/run/clip.js';
export type { MultimodalInputs, MultimodalOutputs, MultimodalPoints } from './multimodal/network.js';
export type { Beginning, Continued } from './perceiverAr/run.js';
export type { SamplingOptions } from './perceiverAr/run/sampling.js';
export type { StarcraftOutputs } from './starcraft/network.js';
export type { EntityVectors } from './starcraft/run.js';
export type { Entities, Entity } from './starcraft/run/features.js';
