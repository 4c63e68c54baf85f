/** `PerceiverForSequenceClassification`: the classifier of whole texts. */
import { nameMapping } from '../../lib/checkpoint/index.js';
import { encoder, inParams, projectingDecoder, table } from '../huggingFace/blocks.js';
import { activation, classes, encoderFields, type Family, plainDecoder } from '../huggingFace/family.js';

export const sequenceClassification = {
  architecture: 'PerceiverForSequenceClassification',
  fields: {
    vocabSize: 'vocab_size',
    maxLength: 'max_position_embeddings',
    modelChannels: 'd_model',
    numClasses: classes,
    ...encoderFields,
    'decoder.position.numChannels': 'd_latents',
    'decoder.activation': activation,
  },
  fixed: {
    answers: 'text',
    decoder: {
      ...plainDecoder,
      position: { kind: 'trainable', projectTo: null },
      useQueryResidual: true,
    },
  },
  names: nameMapping(
    inParams([
      { left: 'embed/embeddings', right: 'perceiver.input_preprocessor.embeddings.weight' },
      ...table('trainable_position_encoding', 'perceiver.input_preprocessor.position_embeddings.weight'),
      ...encoder('perceiver_encoder'),
      ...table(
        'classification_decoder/~/basic_decoder/~/trainable_position_encoding',
        'perceiver.decoder.decoder.output_position_encodings.position_embeddings',
      ),
      ...projectingDecoder('classification_decoder/~/basic_decoder', 'perceiver.decoder.decoder'),
    ]),
  ),
} as const satisfies Family;
