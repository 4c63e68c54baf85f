/** `PerceiverForMaskedLM`: the language model. */
import { nameMapping } from '../../lib/checkpoint/index.js';
import { crossAttention, encoder, inParams, table } from '../huggingFace/blocks.js';
import { activation, encoderFields, type Family, plainDecoder } from '../huggingFace/family.js';

export const maskedLanguage = {
  architecture: 'PerceiverForMaskedLM',
  fields: {
    vocabSize: 'vocab_size',
    maxLength: 'max_position_embeddings',
    modelChannels: 'd_model',
    ...encoderFields,
    'decoder.position.numChannels': 'd_model',
    'decoder.vChannels': 'd_model',
    'decoder.activation': activation,
  },
  fixed: {
    maskQueries: false,
    decoder: {
      ...plainDecoder,
      position: { kind: 'trainable', projectTo: null },
      numHeads: 8,
      qkChannels: 256,
      useQueryResidual: false,
      finalProject: false,
    },
  },
  names: nameMapping(
    inParams([
      { left: 'embed/embeddings', right: 'perceiver.input_preprocessor.embeddings.weight' },
      ...table('trainable_position_encoding', 'perceiver.input_preprocessor.position_embeddings.weight'),
      ...encoder('perceiver_encoder'),
      ...table(
        'basic_decoder/~/trainable_position_encoding',
        'perceiver.decoder.output_position_encodings.position_embeddings',
      ),
      ...crossAttention('basic_decoder/cross_attention', 'perceiver.decoder.decoding_cross_attention'),
      { left: 'embedding_decoder/bias', right: 'embedding_decoder.bias' },
    ]),
  ),
} as const satisfies Family;
