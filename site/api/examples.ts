/**
 * Examples of every layer for the API reference: each is called on shapes alone, and its page shows the code with the
 * outputs that it gives. A test runs them and fails for a layer without one.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { outline, type Scope } from '../../lib/index.js';
import {
  arAttention,
  arCrossAttention,
  arDense,
  arSelfAttention,
  attention,
  audioPostprocessor,
  audioPreprocessor,
  averageDecoder,
  basicDecoder,
  batchApply,
  batchNorm,
  bias,
  classificationDecoder,
  classificationPostprocessor,
  conv1d,
  conv1dTranspose,
  conv2d,
  conv2dDownsample,
  conv2dTranspose,
  conv2dUpsample,
  conv3d,
  conv3dTranspose,
  conv3dUpsample,
  crossAttention,
  depthwiseConv1d,
  depthwiseConv2d,
  depthwiseConv3d,
  dropoutLayer,
  emaParamsTree,
  embed,
  embeddingDecoder,
  encoder,
  exponentialMovingAverage,
  flatten,
  flowDecoder,
  fourierPosition,
  groupNorm,
  gru,
  identityPostprocessor,
  imagePostprocessor,
  imagePreprocessor,
  instanceNorm,
  layerNorm,
  linear,
  lstm,
  mlp,
  multiHeadAttention,
  multimodalDecoder,
  multimodalPostprocessor,
  multimodalPreprocessor,
  netsMlp,
  oneHotPreprocessor,
  perceiver,
  positionProjector,
  projection,
  projectionDecoder,
  projectionPostprocessor,
  reshape,
  rmsNorm,
  selfAttend,
  selfAttention,
  separableDepthwiseConv2d,
  snParamsTree,
  spectralNorm,
  trainablePosition,
  unroll,
  vanillaRnn,
  vectorQuantizer,
  vectorQuantizerEma,
  videoDecoder,
} from '../../modules/index.js';

/** Code by the layer that it shows; each gives what `outline` says of its outputs. */
export const examples: Readonly<Record<string, () => unknown>> = {
  attention: () =>
    outline(attention({ numHeads: 8 }), [{ shape: [2, 5, 64] }, { shape: [2, 100, 32] }]).outputs,
  selfAttend: () => outline(selfAttend({ numHeads: 8 }), [{ shape: [2, 100, 64] }]).outputs,
  selfAttention: () => outline(selfAttention({ numHeads: 8 }), [{ shape: [2, 100, 64] }]).outputs,
  crossAttention: () =>
    outline(crossAttention({ numHeads: 1 }), [{ shape: [2, 5, 64] }, { shape: [2, 100, 32] }]).outputs,
  multiHeadAttention: () =>
    outline(multiHeadAttention({ numHeads: 4, keySize: 16 }), [
      { shape: [2, 5, 64] },
      { shape: [2, 100, 32] },
      { shape: [2, 100, 32] },
    ]).outputs,
  arAttention: () =>
    outline(arAttention({ numHeads: 8, position: 'absolute' }), [
      { shape: [2, 5, 64] },
      { shape: [2, 100, 32] },
    ]).outputs,
  arSelfAttention: () =>
    outline(
      (s: Scope, x: tf.Tensor, places: tf.Tensor, mask: tf.Tensor) =>
        arSelfAttention({ numHeads: 8 })(s, x, { mask, queryPositions: places, keyPositions: places }),
      [{ shape: [2, 100, 64] }, { shape: [2, 100] }, { shape: [1, 1, 100, 100] }],
    ).outputs,
  arCrossAttention: () =>
    outline(arCrossAttention({ numHeads: 1, position: 'absolute' }), [
      { shape: [2, 5, 64] },
      { shape: [2, 100, 32] },
    ]).outputs,
  arDense: () => outline(arDense({ wideningFactor: 4 }), [{ shape: [2, 100, 64] }]).outputs,
  mlp: () => outline(mlp({ wideningFactor: 4 }), [{ shape: [2, 100, 64] }]).outputs,
  netsMlp: () => outline(netsMlp({ outputSizes: [128, 10] }), [{ shape: [2, 64] }]).outputs,
  linear: () => outline(linear(3), [{ shape: [2, 6] }]).outputs,
  projection: () => outline(projection(3), [{ shape: [2, 6] }]).outputs,
  embed: () =>
    outline(embed({ vocabSize: 262, numChannels: 64 }), [{ shape: [2, 100], dtype: 'int32' }]).outputs,
  embeddingDecoder: () =>
    outline(embeddingDecoder(), [{ shape: [2, 100, 64] }, { shape: [262, 64] }]).outputs,
  lstm: () =>
    outline(
      (s: Scope, sequence: tf.Tensor) => {
        const core = s.declare(lstm({ hiddenSize: 32 }));
        return unroll(core, sequence, core.initialState(2), { isTimeMajor: false })[0];
      },
      [{ shape: [2, 10, 8] }],
    ).outputs,
  gru: () =>
    outline(
      (s: Scope, sequence: tf.Tensor) => {
        const core = s.declare(gru({ hiddenSize: 32 }));
        return unroll(core, sequence, core.initialState(2), { isTimeMajor: false })[0];
      },
      [{ shape: [2, 10, 8] }],
    ).outputs,
  vanillaRnn: () =>
    outline(
      (s: Scope, sequence: tf.Tensor) => {
        const core = s.declare(vanillaRnn({ hiddenSize: 32 }));
        return unroll(core, sequence, core.initialState(2), { isTimeMajor: false })[0];
      },
      [{ shape: [2, 10, 8] }],
    ).outputs,
  vectorQuantizer: () =>
    outline(vectorQuantizer({ embeddingDim: 64, numEmbeddings: 512, commitmentCost: 0.25 }), [
      { shape: [2, 100, 64] },
    ]).outputs,
  vectorQuantizerEma: () =>
    outline(
      vectorQuantizerEma({ embeddingDim: 64, numEmbeddings: 512, commitmentCost: 0.25, decayRate: 0.99 }),
      [{ shape: [2, 100, 64] }],
    ).outputs,
  spectralNorm: () => outline((s: Scope, w: tf.Tensor) => spectralNorm()(s, w), [{ shape: [6, 8] }]).outputs,
  snParamsTree: () =>
    outline((s: Scope, w: tf.Tensor) => snParamsTree()(s, { linear: { w } }), [{ shape: [6, 8] }]).outputs,
  emaParamsTree: () =>
    outline(
      (s: Scope, w: tf.Tensor) => emaParamsTree({ decayRate: 0.99 })(s, { linear: { w } }),
      [{ shape: [6, 8] }],
    ).outputs,
  layerNorm: () => outline(layerNorm(), [{ shape: [2, 100, 64] }]).outputs,
  rmsNorm: () => outline(rmsNorm(), [{ shape: [2, 100, 64] }]).outputs,
  groupNorm: () => outline(groupNorm({ groups: 8 }), [{ shape: [2, 28, 28, 64] }]).outputs,
  instanceNorm: () => outline(instanceNorm(), [{ shape: [2, 28, 28, 64] }]).outputs,
  batchNorm: () =>
    outline((s: Scope, x: tf.Tensor) => batchNorm({ decayRate: 0.9 })(s, x), [{ shape: [2, 28, 28, 64] }])
      .outputs,
  exponentialMovingAverage: () =>
    outline(exponentialMovingAverage({ decayRate: 0.99 }), [{ shape: [64] }]).outputs,
  bias: () =>
    outline((s: Scope, x: tf.Tensor) => bias({ biasDims: [-1] })(s, x), [{ shape: [2, 28, 28, 64] }]).outputs,
  flatten: () => outline(flatten(), [{ shape: [2, 28, 28, 3] }]).outputs,
  reshape: () => outline(reshape({ outputShape: [14, -1] }), [{ shape: [2, 28, 28, 3] }]).outputs,
  dropoutLayer: () => outline(dropoutLayer(0.1), [{ shape: [2, 100, 64] }]).outputs,
  batchApply: () =>
    outline(batchApply(conv2d({ outputChannels: 8, kernelShape: 3 })), [{ shape: [2, 16, 28, 28, 3] }])
      .outputs,
  conv1d: () =>
    outline(conv1d({ outputChannels: 16, kernelShape: 3, padding: 'CAUSAL' }), [{ shape: [2, 100, 8] }])
      .outputs,
  conv2d: () =>
    outline(conv2d({ outputChannels: 64, kernelShape: 7, stride: 2 }), [{ shape: [2, 224, 224, 3] }]).outputs,
  conv3d: () =>
    outline(conv3d({ outputChannels: 8, kernelShape: 2, stride: 2 }), [{ shape: [2, 16, 32, 32, 3] }])
      .outputs,
  depthwiseConv1d: () =>
    outline(depthwiseConv1d({ channelMultiplier: 2, kernelShape: 3 }), [{ shape: [2, 100, 8] }]).outputs,
  depthwiseConv2d: () =>
    outline(depthwiseConv2d({ channelMultiplier: 2, kernelShape: 3 }), [{ shape: [2, 28, 28, 8] }]).outputs,
  depthwiseConv3d: () =>
    outline(depthwiseConv3d({ channelMultiplier: 2, kernelShape: 2 }), [{ shape: [2, 4, 28, 28, 8] }])
      .outputs,
  separableDepthwiseConv2d: () =>
    outline(separableDepthwiseConv2d({ channelMultiplier: 2, kernelShape: 3 }), [{ shape: [2, 28, 28, 8] }])
      .outputs,
  conv1dTranspose: () =>
    outline(conv1dTranspose({ outputChannels: 8, kernelShape: 3, stride: 2 }), [{ shape: [2, 50, 16] }])
      .outputs,
  conv2dTranspose: () =>
    outline(conv2dTranspose({ outputChannels: 3, kernelShape: 4, stride: 2 }), [{ shape: [2, 14, 14, 64] }])
      .outputs,
  conv3dTranspose: () =>
    outline(conv3dTranspose({ outputChannels: 3, kernelShape: 2, stride: 2 }), [{ shape: [2, 4, 14, 14, 8] }])
      .outputs,
  conv2dDownsample: () =>
    outline(conv2dDownsample({ numChannels: 64 }), [{ shape: [2, 224, 224, 3] }]).outputs,
  conv2dUpsample: () => outline(conv2dUpsample({ outputChannels: 3 }), [{ shape: [2, 14, 14, 64] }]).outputs,
  conv3dUpsample: () =>
    outline(conv3dUpsample({ outputChannels: 3, numTimeUpsamples: 1, numSpaceUpsamples: 2 }), [
      { shape: [2, 4, 14, 14, 64] },
    ]).outputs,
  trainablePosition: () => outline((s: Scope) => trainablePosition(100)(s, 2), []).outputs,
  fourierPosition: () => outline((s: Scope) => fourierPosition([28, 28], { numBands: 6 })(s, 2), []).outputs,
  positionProjector: () =>
    outline((s: Scope) => positionProjector(s.declare(trainablePosition(100)), 32)(s, 2), []).outputs,
  imagePreprocessor: () =>
    outline(
      imagePreprocessor({
        features: { kind: 'patches', spatialDownsample: 4 },
        position: { kind: 'fourier', numBands: 6 },
      }),
      [{ shape: [2, 28, 28, 3] }],
    ).outputs,
  audioPreprocessor: () =>
    outline(audioPreprocessor({ samplesPerPatch: 16, position: { kind: 'fourier', numBands: 6 } }), [
      { shape: [2, 1920] },
    ]).outputs,
  oneHotPreprocessor: () => outline(oneHotPreprocessor(), [{ shape: [2, 700] }]).outputs,
  multimodalPreprocessor: () =>
    outline(
      (s: Scope, audio: tf.Tensor, label: tf.Tensor) => {
        const modalities = {
          audio: s.declare(
            audioPreprocessor({ samplesPerPatch: 16, position: { kind: 'fourier', numBands: 6 } }),
          ),
          label: s.declare(oneHotPreprocessor()),
        };
        return multimodalPreprocessor(modalities)(s, { audio, label }).inputs;
      },
      [{ shape: [2, 1920] }, { shape: [2, 700] }],
    ).outputs,
  imagePostprocessor: () =>
    outline(imagePostprocessor({ pixels: { kind: 'patches', spatialUpsample: 4 }, inputShape: [7, 7] }), [
      { shape: [2, 49, 48] },
    ]).outputs,
  audioPostprocessor: () =>
    outline(audioPostprocessor({ samplesPerPatch: 16 }), [{ shape: [2, 120, 64] }]).outputs,
  identityPostprocessor: () => outline(identityPostprocessor(), [{ shape: [2, 100, 64] }]).outputs,
  projectionPostprocessor: () =>
    outline(projectionPostprocessor({ outputChannels: 3 }), [{ shape: [2, 100, 64] }]).outputs,
  classificationPostprocessor: () =>
    outline(classificationPostprocessor({ numClasses: 10 }), [{ shape: [2, 1, 64] }]).outputs,
  multimodalPostprocessor: () =>
    outline(
      (s: Scope, x: tf.Tensor) => {
        const audio = s.declare(audioPostprocessor({ samplesPerPatch: 16 }));
        const label = s.declare(projectionPostprocessor({ outputChannels: 700 }));
        return multimodalPostprocessor({ audio, label })(s, x, { audio: 120, label: 1 });
      },
      [{ shape: [2, 121, 64] }],
    ).outputs,
  encoder: () =>
    outline(
      (s: Scope, x: tf.Tensor) => {
        const encode = s.declare(encoder({ numLatents: 32, numLatentChannels: 64 }));
        return encode(x, encode.latents(2));
      },
      [{ shape: [2, 784, 27] }],
    ).outputs,
  projectionDecoder: () =>
    outline(
      (s: Scope, z: tf.Tensor) => s.declare(projectionDecoder({ numClasses: 10 }))(undefined, z),
      [{ shape: [2, 32, 64] }],
    ).outputs,
  basicDecoder: () =>
    outline(
      (s: Scope, z: tf.Tensor) => {
        const position = { kind: 'trainable', numChannels: 16 } as const;
        const decode = s.declare(basicDecoder({ outputChannels: 3, outputIndexDims: [50], position }));
        return decode(decode.decoderQuery(2).query, z);
      },
      [{ shape: [2, 32, 64] }],
    ).outputs,
  classificationDecoder: () =>
    outline(
      (s: Scope, z: tf.Tensor) => {
        const position = { kind: 'trainable', numChannels: 16 } as const;
        const decode = s.declare(classificationDecoder({ numClasses: 10, position }));
        return decode(decode.decoderQuery(2).query, z);
      },
      [{ shape: [2, 32, 64] }],
    ).outputs,
  averageDecoder: () =>
    outline(
      (s: Scope, z: tf.Tensor) => {
        const decode = s.declare(averageDecoder({ numClasses: 10 }));
        return decode(decode.decoderQuery(2).query, z);
      },
      [{ shape: [2, 32, 64] }],
    ).outputs,
  videoDecoder: () =>
    outline(
      (s: Scope, z: tf.Tensor) => {
        const position = { kind: 'fourier', numBands: 6 } as const;
        const decode = s.declare(videoDecoder({ outputShape: [4, 14, 14], outputChannels: 3, position }));
        return decode(decode.decoderQuery(2).query, z);
      },
      [{ shape: [2, 32, 64] }],
    ).outputs,
  flowDecoder: () =>
    outline(
      (s: Scope, inputs: tf.Tensor, z: tf.Tensor) => {
        const decode = s.declare(flowDecoder({ outputShape: [28, 28] }));
        return decode(decode.decoderQuery(2, { inputs }).query, z);
      },
      [{ shape: [2, 784, 64] }, { shape: [2, 32, 64] }],
    ).outputs,
  multimodalDecoder: () =>
    outline(
      (s: Scope, z: tf.Tensor) => {
        const position = { kind: 'trainable', numChannels: 16 } as const;
        const modalities = { label: s.declare(classificationDecoder({ numClasses: 10, position })) };
        const decode = s.declare(multimodalDecoder(modalities, { outputChannels: 8 }));
        return decode(decode.decoderQuery(2).query, z);
      },
      [{ shape: [2, 32, 64] }],
    ).outputs,
  perceiver: () =>
    outline(
      (s: Scope, x: tf.Tensor) => {
        const position = { kind: 'trainable', numChannels: 16 } as const;
        const model = perceiver({
          encoder: s.declare(encoder({ numLatents: 32, numLatentChannels: 64 })),
          decoder: s.declare(classificationDecoder({ numClasses: 10, position })),
        });
        return model(s, x);
      },
      [{ shape: [2, 784, 27] }],
    ).outputs,
};
