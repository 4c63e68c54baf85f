/** perceiver.py's encoder and decoders, and the Perceiver made of them. */
import type { ConfigOf } from '../../lib/config.js';
import type { Declared } from '../../lib/scope.js';
import { basicDecoder, basicDecoderConfig } from '../basicDecoder.js';
import { classificationDecoder, classificationDecoderConfig } from '../classificationDecoder.js';
import type { Decoder } from '../decoder.js';
import { encoder, encoderConfig } from '../encoder.js';
import { flowDecoder, flowDecoderConfig } from '../flowDecoder.js';
import { multimodalDecoder, multimodalDecoderConfig } from '../multimodalDecoder.js';
import { projectionDecoder, projectionDecoderConfig } from '../projectionDecoder.js';
import { videoDecoder, videoDecoderConfig } from '../videoDecoder.js';
import { type Arguments, isGiven, partsByName, renamed, unread, worked } from './arguments.js';
import { haikuClass, haikuClassOfParts, renamedTo } from './haikuClass.js';
import { declareEach, type WithModalities } from './parts.js';
import { positionArguments } from './positions.js';

/** The encoder that latents belong to knows their width, and sizes follow from the queries. */
const found = unread('num_z_channels', 'subsampled_index_dims');

/** What every decoder passes on to the basic one. */
const decoding: readonly Arguments[] = [
  renamed({
    num_heads: 'numHeads',
    qk_channels: 'qkChannels',
    v_channels: 'vChannels',
    use_query_residual: 'useQueryResidual',
    final_project: 'finalProject',
  }),
  worked('output_w_init', (init) =>
    // A function in Python, its name in JSON.
    init === 'zeros' || init === 'jnp.zeros' ? { outputInit: 'zeros' } : { expected: "'zeros' or null" },
  ),
  found,
];
const concatenating = renamed({ concat_preprocessed_input: 'concatPreprocessedInput' });
const positions = positionArguments('trainable');

/** The grid of a basic decoder: a size, or sizes; asked for wherever positions are encoded. */
const indexDims: Arguments = {
  names: ['output_index_dims'],
  take: (given, readPart) => {
    const sizes = worked('output_index_dims', (dims) => ({
      outputIndexDims: typeof dims === 'number' ? [dims] : dims,
    })).take(given, readPart);
    const isMissing = !isGiven(given, 'output_index_dims') && given.position_encoding_type !== 'none';
    const problem = { path: 'output_index_dims', found: undefined, expected: "the output grid's sizes" };
    return isMissing ? { ...sizes, problems: [problem] } : sizes;
  },
};

/** `[batch, frames, height, width]`; the batch is the inputs' own. */
const videoShape = worked('output_shape', (shape) =>
  Array.isArray(shape) && shape.length === 4
    ? { outputShape: shape.slice(1) as unknown[] }
    : { expected: 'a list of batch, frames, height and width' },
);

type MultimodalDecoderConfig = ConfigOf<typeof multimodalDecoderConfig>;

export const perceiverClasses = {
  'perceiver.PerceiverEncoder': haikuClass(
    'encoder',
    encoderConfig,
    [
      renamed({
        num_self_attends_per_block: 'numSelfAttendsPerBlock',
        num_blocks: 'numBlocks',
        z_index_dim: 'numLatents',
        num_z_channels: 'numLatentChannels',
        qk_channels: 'qkChannels',
        v_channels: 'vChannels',
        num_cross_attend_heads: 'numCrossAttendHeads',
        num_self_attend_heads: 'numSelfAttendHeads',
        cross_attend_widening_factor: 'crossAttendWideningFactor',
        self_attend_widening_factor: 'selfAttendWideningFactor',
        dropout_prob: 'dropoutRate',
        z_pos_enc_init_scale: 'latentInitScale',
        cross_attention_shape_for_attn: 'crossAttendWidthFrom',
        use_query_residual: 'useQueryResidual',
      }),
    ],
    encoder,
  ),
  'perceiver.ProjectionDecoder': haikuClass(
    'projectionDecoder',
    projectionDecoderConfig,
    [renamed({ num_classes: 'numClasses' }), unread('final_avg_before_project')],
    projectionDecoder,
  ),
  'perceiver.BasicDecoder': haikuClass(
    'basicDecoder',
    basicDecoderConfig,
    [renamed({ output_num_channels: 'outputChannels' }), indexDims, positions, concatenating, ...decoding],
    basicDecoder,
  ),
  'perceiver.ClassificationDecoder': haikuClass(
    'classificationDecoder',
    classificationDecoderConfig,
    [renamed({ num_classes: 'numClasses' }), positions, concatenating, ...decoding],
    classificationDecoder,
  ),
  'perceiver.BasicVideoAutoencodingDecoder': haikuClass(
    'videoDecoder',
    videoDecoderConfig,
    [
      renamed({ output_num_channels: 'outputChannels' }),
      videoShape,
      positionArguments(),
      concatenating,
      ...decoding,
    ],
    videoDecoder,
  ),
  'perceiver.FlowDecoder': haikuClass(
    'flowDecoder',
    flowDecoderConfig,
    [
      renamed({
        output_image_shape: 'outputShape',
        output_num_channels: 'outputChannels',
        rescale_factor: 'rescaleFactor',
      }),
      // Its queries are the inputs; what would make others is built and never asked.
      unread('output_index_dims', 'concat_preprocessed_input', ...positions.names),
      ...decoding,
    ],
    flowDecoder,
  ),
  'perceiver.MultimodalDecoder': haikuClassOfParts(
    'multimodalDecoder',
    multimodalDecoderConfig,
    [
      partsByName('modalities', 'modalities'),
      renamed({ output_num_channels: 'outputChannels', min_padding_size: 'minPaddingSize' }),
      unread('num_outputs', 'concat_preprocessed_input', ...positions.names.slice(1)),
      ...decoding,
    ],
    (s, { modalities, ...options }: MultimodalDecoderConfig & WithModalities, name, declarePart) => {
      const declared = declareEach(s, modalities, declarePart) as Record<string, Declared<Decoder>>;
      return s.declare(renamedTo(name, multimodalDecoder(declared, options)));
    },
  ),
};
