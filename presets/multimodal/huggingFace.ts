/** `PerceiverForMultimodalAutoencoding`: the autoencoder of video, audio and a label. */
import * as E from 'fp-ts/lib/Either.js';
import { type NameRule, nameMapping } from '../../lib/checkpoint/index.js';
import { decodedShape as shapeOf, type MultimodalConfig } from './network.js';
import { dense, encoder, inParams, projectingDecoder, table } from '../huggingFace/blocks.js';
import {
  classes,
  encoderFields,
  type Family,
  type Translated,
  widthFromInputs,
} from '../huggingFace/family.js';

/** Batch, frames, height and width; the batch follows from the inputs. */
const decodedShape: Translated = {
  key: 'output_shape',
  read: (shape) =>
    Array.isArray(shape) && shape.length === 4
      ? E.right(shape.slice(1))
      : E.left('a list of batch, frames, height and width'),
  write: (_shape: unknown, config: MultimodalConfig) => [1, ...shapeOf(config)],
};

const modalities = ['audio', 'image', 'label'] as const;

/** Padding of modalities, and mask tokens. */
const padding: readonly NameRule[] = modalities.flatMap((name) => [
  ...table(`multimodal_preprocessor/${name}_padding`, `perceiver.input_preprocessor.padding.${name}`),
  ...table(`multimodal_preprocessor/${name}_mask_token`, `perceiver.input_preprocessor.mask.${name}`),
  ...table(`multimodal_decoder/~decoder_query/${name}_padding`, `perceiver.decoder.padding.${name}`),
]);

const postprocessors = {
  audio: 'audio_postprocessor',
  image: 'projection_postprocessor',
  label: 'classification_postprocessor',
};

export const multimodalAutoencoding = {
  architecture: 'PerceiverForMultimodalAutoencoding',
  fields: {
    numFrames: 'num_frames',
    patchGrid: 'image_size',
    samplesPerFrame: 'audio_samples_per_frame',
    samplesPerPatch: 'samples_per_patch',
    numClasses: classes,
    decodedShape,
    outputChannels: 'output_num_channels',
    labelQueryChannels: '_label_trainable_num_channels',
    ...encoderFields,
    ...widthFromInputs,
  },
  fixed: { imageBands: 32, audioBands: 192 },
  names: nameMapping(
    inParams([
      ...padding,
      ...encoder('encoder'),
      ...table(
        'classification_decoder/~/basic_decoder/~/trainable_position_encoding',
        'perceiver.decoder.modalities.label.decoder.output_position_encodings.position_embeddings',
      ),
      ...projectingDecoder('multimodal_decoder/~/basic_decoder', 'perceiver.decoder.decoder'),
      ...modalities.flatMap((name) =>
        dense(
          `${postprocessors[name]}/linear`,
          `perceiver.output_postprocessor.modalities.${name}.classifier`,
        ),
      ),
    ]),
  ),
} as const satisfies Family;
