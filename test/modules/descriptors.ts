/**
 * One list of the layers that `modules/index.ts` exports, each with inputs that it takes: what `sweep.test.ts` holds
 * for every layer, it holds for each entry. A name is an export's, with a variant after a space where there are several.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Layer, Module, Scope } from '../../lib/language/scope.js';
import * as nn from '../../modules/index.js';

/** A layer of any inputs. */
export type AnyLayer = Layer<tf.Tensor[], unknown>;

/** A layer and its inputs. */
export interface Descriptor {
  readonly layer: AnyLayer;
  readonly inputs: readonly tf.Tensor[];
  /** True for gradients that are passed straight through a step, and are none of the function's own. */
  readonly isStraightThrough?: boolean;
  /** The error that says why the layer cannot be exported as ONNX; undefined for layers that can. */
  readonly refused?: RegExp;
}

const of = <A extends readonly unknown[]>(
  layer: Layer<A, unknown>,
  ...inputs: readonly tf.Tensor[]
): Descriptor => ({ layer: layer as unknown as AnyLayer, inputs });

const random = (seed: number, ...shape: number[]) => tf.randomNormal(shape, 0, 1, 'float32', seed);

const fourier = { kind: 'fourier', numBands: 2 } as const;
const trained = { kind: 'trainable', numChannels: 8 } as const;
const smallEncoder = {
  numLatents: 4,
  numLatentChannels: 8,
  numBlocks: 2,
  numSelfAttendsPerBlock: 1,
  numSelfAttendHeads: 2,
} as const;

/** A decoder that is given latents [B, N, D], its queries made of positions. */
const decoding =
  (make: () => ReturnType<typeof nn.basicDecoder>) =>
  (s: Scope, z: tf.Tensor): tf.Tensor => {
    const decoder = s.declare(make());
    return decoder(decoder.decoderQuery(z.shape[0]).query, z);
  };

/** A core that runs over a sequence [B, T, C]. */
const recurrent =
  <S extends nn.RecurrentState>(make: () => Module<nn.RecurrentCore<S>>) =>
  (s: Scope, sequence: tf.Tensor): tf.Tensor => {
    const core = s.declare(make());
    const state = core.initialState(sequence.shape[0]);
    return nn.unroll(core as nn.RecurrentStep<S>, sequence, state, { isTimeMajor: false })[0];
  };

const modalities = (s: Scope) => ({
  audio: s.declare(nn.audioPreprocessor({ samplesPerPatch: 8, position: fourier })),
  label: s.declare(nn.oneHotPreprocessor()),
});

/** Every layer by the name of its export. */
export const descriptors = (): Readonly<Record<string, Descriptor>> => {
  const x = random(1, 2, 6, 8);
  const latents = random(5, 2, 4, 8);
  const image = random(2, 2, 8, 8, 3);
  const video = random(4, 2, 2, 4, 4, 3);
  const sound = random(3, 2, 32);
  const label = random(6, 2, 5);
  const ids = tf.tensor2d([0, 4, 2, 1], [2, 2], 'int32');
  const images = (features: Parameters<typeof nn.imagePreprocessor>[0]['features'], position: object) =>
    nn.imagePreprocessor({ features, position: position as typeof fourier });
  return {
    attention: of(nn.attention({ numHeads: 2 }), x, x),
    selfAttend: of(nn.selfAttend({ numHeads: 2 }), x),
    selfAttention: of(nn.selfAttention({ numHeads: 2, dropoutRate: 0.3, attentionDropoutRate: 0.2 }), x),
    'selfAttention causal': of(
      nn.selfAttention({
        ...{ numHeads: 4, numKeyValueHeads: 2, headChannels: 6, causal: true, window: 4 },
        relativeBias: nn.alibi(),
        onHeads: (s, q, k) => {
          const positions = tf.range(0, 6, 1, 'int32');
          return [nn.rotary()(s, q, positions), nn.rotary()(s, k, positions)];
        },
      }),
      x,
    ),
    arAttention: of(nn.arAttention({ numHeads: 2, position: 'absolute', withFinalBias: false }), x, x),
    arDense: of(nn.arDense({ wideningFactor: 2, dropoutRate: 0.3, activation: 'gelu' }), x),
    arSelfAttention: of(
      (s, y: tf.Tensor, events: tf.Tensor) => {
        const positions = tf.tile(tf.reshape(tf.range(0, 6), [1, 6]), [2, 1]);
        const { processor: mask } = nn.causalMasks(events, nn.lastSteps(events, 6));
        return nn.arSelfAttention({ numHeads: 2, dropoutRate: 0.3, fractionToRotate: 0.5 })(s, y, {
          ...{ mask, queryPositions: positions, keyPositions: positions },
        });
      },
      x,
      tf.tensor2d([3, 4, 5, 6, 7, 0, 5, 4, 3, 2, 1, 3], [2, 6], 'int32'),
    ),
    arCrossAttention: of(
      nn.arCrossAttention({ numHeads: 2, position: 'absolute', useQueryResidual: false }),
      latents,
      x,
    ),
    crossAttention: of(nn.crossAttention({ numHeads: 2 }), x, tf.reshape(x, [2, 12, 4])),
    multiHeadAttention: of(
      nn.multiHeadAttention({ numHeads: 2, keySize: 3, valueSize: 2 }),
      x,
      random(8, 2, 5, 4),
      random(9, 2, 5, 3),
    ),
    netsMlp: of(nn.netsMlp({ outputSizes: [7, 3], activateFinal: true }), x),
    lstm: of(
      recurrent(() => nn.lstm({ hiddenSize: 5 })),
      x,
    ),
    gru: of(
      recurrent(() => nn.gru({ hiddenSize: 5 })),
      x,
    ),
    vanillaRnn: of(
      recurrent(() => nn.vanillaRnn({ hiddenSize: 5 })),
      x,
    ),
    vectorQuantizer: {
      ...of(nn.vectorQuantizer({ embeddingDim: 8, numEmbeddings: 5, commitmentCost: 0.25 }), x),
      isStraightThrough: true,
    },
    vectorQuantizerEma: of(
      nn.vectorQuantizerEma({ embeddingDim: 8, numEmbeddings: 5, commitmentCost: 0.25, decayRate: 0.9 }),
      x,
    ),
    spectralNorm: of((s, y: tf.Tensor) => nn.spectralNorm()(s, y), random(10, 6, 8)),
    snParamsTree: of((s, y: tf.Tensor) => nn.snParamsTree()(s, { linear: { w: y } }), random(10, 6, 8)),
    emaParamsTree: of(
      (s, y: tf.Tensor) => nn.emaParamsTree({ decayRate: 0.9 })(s, { linear: { w: y } }),
      random(10, 6, 8),
    ),
    mlp: of(nn.mlp({ dropoutRate: 0.5 }), x),
    projection: of(nn.projection(3), x),
    linear: of(nn.linear(3), x),
    embed: of(nn.embed({ vocabSize: 5, numChannels: 4 }), ids),
    embeddingDecoder: of(nn.embeddingDecoder(), x, random(7, 5, 8)),
    layerNorm: of(nn.layerNorm(), x),
    'layerNorm axes': of(nn.layerNorm({ axes: [1, 2], paramAxes: [1, 2] }), x),
    rmsNorm: of(nn.rmsNorm(), x),
    groupNorm: of(nn.groupNorm({ groups: 2 }), x),
    instanceNorm: of(nn.instanceNorm(), image),
    batchNorm: of((s, y: tf.Tensor) => nn.batchNorm({ decayRate: 0.9 })(s, y), image),
    exponentialMovingAverage: of(nn.exponentialMovingAverage({ decayRate: 0.9 }), x),
    bias: of((s, y: tf.Tensor) => nn.bias({ biasDims: [-1] })(s, y), x),
    flatten: of(nn.flatten(), video),
    reshape: of(nn.reshape({ outputShape: [4, -1] }), x),
    dropoutLayer: of(nn.dropoutLayer(0.5), x),
    batchApply: of(nn.batchApply(nn.conv2d({ outputChannels: 2, kernelShape: 3 })), video),
    conv2d: of(nn.conv2d({ outputChannels: 4, kernelShape: 3, stride: 2 }), image),
    'conv2d groups, dilated': of(
      nn.conv2d({ outputChannels: 6, kernelShape: [2, 3], rate: [2, 1], groups: 3, padding: [1, 2] }),
      image,
    ),
    conv1d: of(nn.conv1d({ outputChannels: 4, kernelShape: 3, rate: 2, padding: 'CAUSAL' }), x),
    conv3d: of(nn.conv3d({ outputChannels: 2, kernelShape: 2, stride: [1, 2, 2] }), video),
    depthwiseConv1d: of(nn.depthwiseConv1d({ channelMultiplier: 2, kernelShape: 3, stride: 2 }), x),
    depthwiseConv2d: of(nn.depthwiseConv2d({ channelMultiplier: 2, kernelShape: 3 }), image),
    depthwiseConv3d: of(nn.depthwiseConv3d({ channelMultiplier: 2, kernelShape: 2 }), video),
    separableDepthwiseConv2d: of(
      nn.separableDepthwiseConv2d({ channelMultiplier: 2, kernelShape: 3, stride: 2 }),
      image,
    ),
    conv1dTranspose: of(nn.conv1dTranspose({ outputChannels: 4, kernelShape: 3, stride: 2 }), x),
    conv2dTranspose: of(nn.conv2dTranspose({ outputChannels: 4, kernelShape: 4, stride: 2 }), image),
    conv3dTranspose: of(nn.conv3dTranspose({ outputChannels: 4, kernelShape: 2, stride: 2 }), video),
    conv2dDownsample: of(nn.conv2dDownsample({ numChannels: 4 }), image),
    conv2dUpsample: of(nn.conv2dUpsample({ outputChannels: 3 }), image),
    conv3dUpsample: of(
      nn.conv3dUpsample({ outputChannels: 2, numTimeUpsamples: 1, numSpaceUpsamples: 1 }),
      video,
    ),
    trainablePosition: of((s, y: tf.Tensor) => nn.trainablePosition(3)(s, y.shape[0]), x),
    fourierPosition: of((s, y: tf.Tensor) => nn.fourierPosition([6], { numBands: 2 })(s, y.shape[0]), x),
    positionProjector: of((s, y: tf.Tensor) => {
      const base = s.declare(nn.trainablePosition(6));
      return nn.positionProjector(base, 4)(s, y.shape[0]);
    }, x),
    'imagePreprocessor conv': of(images({ kind: 'conv', numChannels: 4 }, fourier), image),
    'imagePreprocessor conv1x1': of(images({ kind: 'conv1x1', numChannels: 4 }, fourier), video),
    'imagePreprocessor patches': of(images({ kind: 'patches', spatialDownsample: 2 }, trained), image),
    'imagePreprocessor pixels': of(images({ kind: 'pixels', spatialDownsample: 2 }, fourier), image),
    audioPreprocessor: of(nn.audioPreprocessor({ samplesPerPatch: 8, position: fourier }), sound),
    oneHotPreprocessor: of(nn.oneHotPreprocessor(), label),
    multimodalPreprocessor: {
      ...of(
        (s, audio: tf.Tensor, label: tf.Tensor) =>
          nn.multimodalPreprocessor(modalities(s), { maskProbs: { audio: 0.5, label: 0 } })(s, {
            audio,
            label,
          }),
        sound,
        label,
      ),
      refused: /^multimodal_preprocessor: .*random draw/,
    },
    'imagePostprocessor patches': of(
      nn.imagePostprocessor({ pixels: { kind: 'patches', spatialUpsample: 2 }, inputShape: [2, 3] }),
      x,
    ),
    'imagePostprocessor conv2d': of(
      nn.imagePostprocessor({ pixels: { kind: 'conv2d', outputChannels: 2 } }),
      image,
    ),
    audioPostprocessor: of(nn.audioPostprocessor({ samplesPerPatch: 4 }), x),
    identityPostprocessor: of(nn.identityPostprocessor(), x),
    projectionPostprocessor: of(nn.projectionPostprocessor({ outputChannels: 3 }), x),
    classificationPostprocessor: of(nn.classificationPostprocessor({ numClasses: 3 }), x),
    multimodalPostprocessor: of((s, y: tf.Tensor) => {
      const audio = s.declare(nn.audioPostprocessor({ samplesPerPatch: 4 }));
      const label = s.declare(nn.projectionPostprocessor({ outputChannels: 3 }));
      return nn.multimodalPostprocessor({ audio, label })(s, y, { audio: 4, label: 2 });
    }, x),
    encoder: of((s, y: tf.Tensor) => {
      const encoder = s.declare(nn.encoder(smallEncoder));
      return encoder(y, encoder.latents(y.shape[0]));
    }, x),
    projectionDecoder: of(
      (s, z: tf.Tensor) => s.declare(nn.projectionDecoder({ numClasses: 3 }))(undefined, z),
      latents,
    ),
    basicDecoder: of(
      decoding(() => nn.basicDecoder({ outputChannels: 3, outputIndexDims: [5], position: trained })),
      latents,
    ),
    classificationDecoder: of((s, z: tf.Tensor) => {
      const decoder = s.declare(nn.classificationDecoder({ numClasses: 3, position: trained }));
      return decoder(decoder.decoderQuery(z.shape[0]).query, z);
    }, latents),
    averageDecoder: of(
      (s, z: tf.Tensor) => s.declare(nn.averageDecoder({ numClasses: 3 }))(undefined, z),
      latents,
    ),
    videoDecoder: of((s, z: tf.Tensor) => {
      const decoder = s.declare(
        nn.videoDecoder({ outputShape: [1, 2, 3], outputChannels: 2, position: fourier }),
      );
      return decoder(decoder.decoderQuery(z.shape[0]).query, z);
    }, latents),
    flowDecoder: of(
      (s, inputs: tf.Tensor, z: tf.Tensor) => {
        const decoder = s.declare(nn.flowDecoder({ outputShape: [2, 3] }));
        return decoder(decoder.decoderQuery(inputs.shape[0], { inputs }).query, z);
      },
      x,
      latents,
    ),
    multimodalDecoder: of((s, z: tf.Tensor) => {
      const parts = {
        video: s.declare(nn.videoDecoder({ outputShape: [1, 2, 2], outputChannels: 2, position: fourier })),
        label: s.declare(nn.classificationDecoder({ numClasses: 3, position: trained })),
      };
      const decoder = s.declare(nn.multimodalDecoder(parts, { outputChannels: 4 }));
      return decoder(decoder.decoderQuery(z.shape[0]).query, z);
    }, latents),
    perceiver: of((s, y: tf.Tensor) => {
      const encoder = s.declare(nn.encoder(smallEncoder));
      const decoder = s.declare(nn.classificationDecoder({ numClasses: 3, position: trained }));
      return nn.perceiver({ encoder, decoder })(s, y);
    }, x),
  };
};

/** Exported functions that are no layers: primitives, and what layers are made of. */
export const noLayers: readonly string[] = [
  ...[
    'affine',
    'alibiSlopes',
    'attend',
    'attendingOf',
    'attendToRows',
    'attentionWeights',
    'avgPool',
    'batchStatistics',
    'causalMasks',
    'convolve',
    'convTranspose',
  ],
  ...[
    'crossMask',
    'depthToSpace',
    'dropout',
    'everyNth',
    'extractPatches',
    'fourierFeatures',
    'gelu',
    'geluExact',
  ],
  ...[
    'gridPositions',
    'keepMask',
    'lastSteps',
    'linspace',
    'lookUp',
    'maskElements',
    'maxPool',
    'patchesForFlow',
    'rotatePairs',
  ],
  ...['placeWindows', 'pointPositions', 'restructure', 'spaceToDepth', 'subsample', 'unroll', 'perDimension'],
  // Parts that are handed to layers, functions in a scope's hands, readers of the original's arguments.
  ...['alibi', 'asTheyAre', 'rotary', 'declarePosition', 'positionedInputs', 'construct', 'fromHaiku'],
];
