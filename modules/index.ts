/**
 * The public layers, `renga/modules`: one line a file, in the order of their names. Primitives are exported beside the
 * layers that are made of them.
 */
export * from './alibi.js';
export * from './arAttention.js';
export { arCrossAttention, arCrossAttentionConfig } from './arCrossAttention.js';
export { arDense, arDenseConfig } from './arDense.js';
export { arSelfAttention, arSelfAttentionConfig } from './arSelfAttention.js';
export * from './attend.js';
export { attendToRows } from './attendToRows.js';
export * from './attention.js';
export * from './audioPostprocessor.js';
export * from './audioPreprocessor.js';
export * from './averageDecoder.js';
export * from './basicDecoder.js';
export * from './batchApply.js';
export * from './batchNorm.js';
export * from './bias.js';
export { bytesTokenizer, specialTokens } from './bytesTokenizer.js';
export { causalMasks, lastSteps } from './causalMasks.js';
export type { Masks } from './causalMasks.js';
export * from './classificationDecoder.js';
export * from './classificationPostprocessor.js';
export { conv1d, conv2d, conv3d, convConfig, convolve } from './conv.js';
export type { ConvolveOptions, ConvOptions } from './conv.js';
export * from './conv2dDownsample.js';
export * from './conv2dUpsample.js';
export * from './conv3dUpsample.js';
export * from './convTranspose.js';
export * from './crossAttention.js';
export * from './decoder.js';
export * from './depthwiseConv.js';
export * from './dropout.js';
export * from './embed.js';
export * from './embeddingDecoder.js';
export * from './encoder.js';
export * from './exponentialMovingAverage.js';
export * from './flowDecoder.js';
export * from './fourierPosition.js';
export * from './groupNorm.js';
export * from './gru.js';
export * from './identityPostprocessor.js';
export * from './imagePostprocessor.js';
export * from './imagePreprocessor.js';
export * from './instanceNorm.js';
export * from './layerNorm.js';
export * from './linear.js';
export * from './lstm.js';
export * from './mlp.js';
export * from './multiHeadAttention.js';
export * from './multimodalDecoder.js';
export * from './multimodalPostprocessor.js';
export * from './multimodalPreprocessor.js';
export * from './netsMlp.js';
export type { Affine, Axes, NormInitializers } from './norm.js';
export * from './oneHotPreprocessor.js';
export * from './paramsTrees.js';
export * from './patches.js';
export * from './perceiver.js';
export * from './pool.js';
export * from './position.js';
export * from './positionedInputs.js';
export * from './processor.js';
export * from './projectionDecoder.js';
export * from './projectionPostprocessor.js';
export { unroll } from './recurrent.js';
export type { RecurrentCore, RecurrentState, RecurrentStep, UnrollOptions } from './recurrent.js';
export * from './reshape.js';
export * from './rmsNorm.js';
export * from './rotary.js';
export * from './selfAttention.js';
export * from './spaceToDepth.js';
export * from './spectralNorm.js';
export type { Tokenizer } from './tokenizer.js';
export * from './trainablePosition.js';
export * from './vanillaRnn.js';
export { vectorQuantizer, vectorQuantizerConfig } from './vectorQuantizer.js';
export type { Quantized, VectorQuantizerOptions } from './vectorQuantizer.js';
export * from './vectorQuantizerEma.js';
export * from './videoDecoder.js';
export {
  everyNth,
  perDimension,
  perDimensionCodec,
  paddingCodec,
  placeWindows,
  subsample,
} from './window.js';
export type { ConvPadding, Padding, PerDimension, Placement, Window } from './window.js';
export { construct, fromHaiku } from './haiku/fromHaiku.js';
export type { DeclaredHaiku, HaikuModule, HaikuSource } from './haiku/fromHaiku.js';
