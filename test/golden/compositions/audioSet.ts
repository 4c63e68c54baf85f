/**
 * AudioSet: raw audio and video in one sequence, one query for the classes. Nothing of this model was published but the
 * paper's words.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { Layer, Scope } from '../../../lib/language/scope.js';
import { audioPreprocessor } from '../../../modules/audioPreprocessor.js';
import { classificationDecoder } from '../../../modules/classificationDecoder.js';
import { encoder } from '../../../modules/encoder.js';
import { imagePreprocessor } from '../../../modules/imagePreprocessor.js';
import { multimodalPreprocessor } from '../../../modules/multimodalPreprocessor.js';
import { perceiver, unchanged } from '../../../modules/perceiver.js';

export interface AudioSetSizes {
  readonly num_frames: number;
  /** Height and width of the video. */
  readonly side: number;
  readonly audio_samples: number;
  readonly samples_per_patch: number;
  readonly image_bands: number;
  readonly audio_bands: number;
  readonly min_padding_size: number;
  readonly num_classes: number;
  /** Latents, their width, heads and layers. */
  readonly z: number;
  readonly ch: number;
  readonly heads: number;
  readonly layers: number;
  /** Width of the query. */
  readonly class_query: number;
}

/** Frames, rows and columns of a patch. */
const [patchFrames, patchSide] = [2, 8];

const declarePreprocessor = (s: Scope, sizes: AudioSetSizes) => {
  const { samples_per_patch: samplesPerPatch, num_frames: frames, side } = sizes;
  const audio = s.declare(
    audioPreprocessor({
      samplesPerPatch,
      position: {
        kind: 'fourier',
        numBands: sizes.audio_bands,
        maxResolution: [sizes.audio_samples / samplesPerPatch],
      },
    }),
  );
  const image = s.declare(
    imagePreprocessor({
      features: { kind: 'patches', spatialDownsample: patchSide, temporalDownsample: patchFrames },
      position: {
        kind: 'fourier',
        numBands: sizes.image_bands,
        maxResolution: [frames / patchFrames, side / patchSide, side / patchSide],
      },
    }),
  );
  return s.declare(multimodalPreprocessor({ audio, image }, { minPaddingSize: sizes.min_padding_size }));
};

/**
 * image [B, T, H, W, 3] and audio [B, samples, 1] to logits [B, classes], each for a sigmoid.
 * Source: arXiv:2107.14795, appendix C; arXiv:2103.03206, section 4.2.
 */
export const audioSet =
  (sizes: AudioSetSizes): Layer<[inputs: Readonly<Record<string, tf.Tensor>>], tf.Tensor> =>
  (s, inputs) =>
    perceiver({
      preprocessor: declarePreprocessor(s, sizes),
      encoder: s.declare(
        encoder({
          numLatents: sizes.z,
          numLatentChannels: sizes.ch,
          numBlocks: 1,
          numSelfAttendsPerBlock: sizes.layers,
          numSelfAttendHeads: sizes.heads,
        }),
      ),
      decoder: s.declare(
        classificationDecoder({
          numClasses: sizes.num_classes,
          position: { kind: 'trainable', numChannels: sizes.class_query },
        }),
      ),
      postprocessor: unchanged<tf.Tensor2D>,
    })(s, inputs);
