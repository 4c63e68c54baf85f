/**
 * `PerceiverForOpticalFlow`: the flow model. Hugging Face's takes 3 × 3 patches that were cut before, and its outputs
 * are to be multiplied by 20 to be in pixels; the preset does both.
 */
import { nameMapping } from '../../lib/checkpoint/index.js';
import { dense, encoder, inParams, projectingDecoder } from '../huggingFace/blocks.js';
import { encoderFields, type Family, widthFromInputs } from '../huggingFace/family.js';

export const opticalFlow = {
  architecture: 'PerceiverForOpticalFlow',
  fields: { imageShape: 'train_size', ...encoderFields, ...widthFromInputs },
  fixed: {
    numBands: 64,
    featureChannels: 64,
    patchSize: 3,
    areFramesApart: false,
    pixelWidening: undefined,
    useQueryResidual: false,
    flowScale: 20,
  },
  names: nameMapping(
    inParams([
      ...dense('image_preprocessor/patches_linear', 'perceiver.input_preprocessor.conv_after_patches'),
      ...encoder('perceiver_encoder'),
      ...projectingDecoder('flow_decoder/~/basic_decoder', 'perceiver.decoder.decoder'),
    ]),
  ),
} as const satisfies Family;
