/** perceiver.py's encoder and decoders, and the Perceiver made of them. */
import * as E from 'fp-ts/lib/Either.js';
import { config, type ConfigOf } from '../../lib/data/config.js';
import type { Declared, Scope } from '../../lib/language/scope.js';
import { basicDecoder, basicDecoderConfig } from '../basicDecoder.js';
import { classificationDecoder, classificationDecoderConfig } from '../classificationDecoder.js';
import type { Decoder } from '../decoder.js';
import { type Encoder, encoder, encoderConfig } from '../encoder.js';
import { flowDecoder, flowDecoderConfig } from '../flowDecoder.js';
import { multimodalDecoder, multimodalDecoderConfig } from '../multimodalDecoder.js';
import { perceiver } from '../perceiver.js';
import type { Postprocessor, Preprocessor } from '../processor.js';
import { projectionDecoder, projectionDecoderConfig } from '../projectionDecoder.js';
import { videoDecoder, videoDecoderConfig } from '../videoDecoder.js';
import { type Arguments, type HaikuPart, isGiven, renamed, unread, worked } from './arguments.js';
import { type DeclarePart, haikuClass, haikuClassOfParts, renamedTo } from './haikuClass.js';
import { declareEach, modalities, part, roles, type WithModalities } from './parts.js';
import { positionArguments } from './positions.js';

/** The encoder that latents belong to knows their width, and sizes follow from the queries. */
const found = unread('num_z_channels', 'subsampled_index_dims');

/** Arguments that every decoder passes on to the basic one. */
const decoding: readonly Arguments[] = [
  renamed({
    num_heads: 'numHeads',
    qk_channels: 'qkChannels',
    v_channels: 'vChannels',
    use_query_residual: 'useQueryResidual',
    final_project: 'finalProject',
  }),
  worked('output_w_init', 'outputInit', (init) =>
    // A function in Python, its name in JSON.
    init === 'zeros' || init === 'jnp.zeros' ? E.right('zeros') : E.left("'zeros' or null"),
  ),
  found,
];
const concatenating = renamed({ concat_preprocessed_input: 'concatPreprocessedInput' });
const positions = positionArguments('trainable');

/** A size, or sizes. */
const gridSizes = worked('output_index_dims', 'outputIndexDims', (dims) =>
  E.right(typeof dims === 'number' ? [dims] : dims),
);

/** The grid of a basic decoder, asked for wherever positions are encoded. */
const indexDims: Arguments = {
  names: gridSizes.names,
  take: (given, readPart) => {
    const isMissing = !isGiven(given, 'output_index_dims') && given.position_encoding_type !== 'none';
    const problem = { path: 'output_index_dims', found: undefined, expected: "the output grid's sizes" };
    const taken = gridSizes.take(given, readPart);
    return isMissing ? { ...taken, problems: [problem] } : taken;
  },
};

/** `[batch, frames, height, width]`; the batch is the inputs' own. */
const videoShape = worked('output_shape', 'outputShape', (shape) =>
  Array.isArray(shape) && shape.length === 4
    ? E.right(shape.slice(1))
    : E.left('a list of batch, frames, height and width'),
);

type MultimodalDecoderConfig = ConfigOf<typeof multimodalDecoderConfig>;

/** The parts of a Perceiver. */
export interface PerceiverParts {
  readonly encoder: HaikuPart;
  readonly decoder: HaikuPart;
  readonly input_preprocessor?: HaikuPart;
  readonly output_postprocessor?: HaikuPart;
}

/** The parts are declared in the order in which data flows through them. */
const assemble = (
  s: Scope,
  { encoder, decoder, input_preprocessor: before, output_postprocessor: after }: PerceiverParts,
  declarePart: DeclarePart,
) => {
  const preprocessor = before && (declarePart(s, before) as Declared<Preprocessor>);
  const declaredEncoder = declarePart(s, encoder) as Declared<Encoder>;
  const declaredDecoder = declarePart(s, decoder) as Declared<Decoder>;
  const postprocessor = after && (declarePart(s, after) as Declared<Postprocessor>);
  return perceiver({ preprocessor, encoder: declaredEncoder, decoder: declaredDecoder, postprocessor });
};

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
      modalities(roles.decoder),
      renamed({ output_num_channels: 'outputChannels', min_padding_size: 'minPaddingSize' }),
      unread('num_outputs', 'concat_preprocessed_input', ...positions.names.slice(1)),
      ...decoding,
    ],
    (s, { modalities: parts, ...options }: MultimodalDecoderConfig & WithModalities, name, declarePart) => {
      const declared = declareEach(s, parts, declarePart) as Record<string, Declared<Decoder>>;
      return s.declare(renamedTo(name, multimodalDecoder(declared, options)));
    },
  ),
  'perceiver.Perceiver': haikuClassOfParts(
    'perceiver',
    config('perceiver', 'A Perceiver of its parts.', {}),
    [
      part('encoder', roles.encoder, true),
      part('decoder', roles.decoder, true),
      part('input_preprocessor', roles.preprocessor, false),
      part('output_postprocessor', roles.postprocessor, false),
    ],
    (s, parts: PerceiverParts, name, declarePart) =>
      s.declare(renamedTo(name, assemble(s, parts, declarePart))),
  ),
};
