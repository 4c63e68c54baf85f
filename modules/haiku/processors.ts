/** io_processors.py's pre- and postprocessors. */
import { config, type ConfigOf } from '../../lib/data/config.js';
import type { Declared } from '../../lib/language/scope.js';
import { audioPostprocessor, audioPostprocessorConfig } from '../audioPostprocessor.js';
import { audioPreprocessor, audioPreprocessorConfig } from '../audioPreprocessor.js';
import {
  classificationPostprocessor,
  classificationPostprocessorConfig,
} from '../classificationPostprocessor.js';
import { embeddingDecoder } from '../embeddingDecoder.js';
import { identityPostprocessor } from '../identityPostprocessor.js';
import { imagePostprocessor, imagePostprocessorConfig } from '../imagePostprocessor.js';
import { imagePreprocessor, imagePreprocessorConfig } from '../imagePreprocessor.js';
import { multimodalPostprocessor } from '../multimodalPostprocessor.js';
import { multimodalPreprocessor, multimodalPreprocessorConfig } from '../multimodalPreprocessor.js';
import { oneHotPreprocessor } from '../oneHotPreprocessor.js';
import type { Postprocessor, Preprocessor } from '../processor.js';
import { projectionPostprocessor, projectionPostprocessorConfig } from '../projectionPostprocessor.js';
import { only, renamed, unread } from './arguments.js';
import { haikuClass, haikuClassOfParts, renamedTo } from './haikuClass.js';
import { imageFeatures, imagePixels } from './images.js';
import { declareEach, modalities, roles, type WithModalities } from './parts.js';
import { positionArguments } from './positions.js';

const without = config('processor', 'A processor without options.', {});

const positioned = [
  renamed({ n_extra_pos_mlp: 'numPositionLayers', concat_or_add_pos: 'combine' }),
  positionArguments('fourier'),
];

type MultimodalPreprocessorConfig = ConfigOf<typeof multimodalPreprocessorConfig>;

export const processorClasses = {
  'io_processors.ImagePreprocessor': haikuClass(
    'imagePreprocessor',
    imagePreprocessorConfig,
    [imageFeatures, ...positioned],
    imagePreprocessor,
  ),
  'io_processors.AudioPreprocessor': haikuClass(
    'audioPreprocessor',
    audioPreprocessorConfig,
    [renamed({ samples_per_patch: 'samplesPerPatch' }), only({ prep_type: 'patches' }), ...positioned],
    audioPreprocessor,
  ),
  'io_processors.OneHotPreprocessor': haikuClass('oneHotPreprocessor', without, [], oneHotPreprocessor),
  'io_processors.MultimodalPreprocessor': haikuClassOfParts(
    'multimodalPreprocessor',
    multimodalPreprocessorConfig,
    [
      modalities(roles.preprocessor),
      renamed({ mask_probs: 'maskProbs', min_padding_size: 'minPaddingSize' }),
    ],
    (
      s,
      { modalities: parts, ...options }: MultimodalPreprocessorConfig & WithModalities,
      name,
      declarePart,
    ) => {
      const declared = declareEach(s, parts, declarePart) as Record<string, Declared<Preprocessor>>;
      return s.declare(renamedTo(name, multimodalPreprocessor(declared, options)));
    },
  ),
  'io_processors.ImagePostprocessor': haikuClass(
    'imagePostprocessor',
    imagePostprocessorConfig,
    [imagePixels, renamed({ input_reshape_size: 'inputShape' })],
    imagePostprocessor,
  ),
  'io_processors.AudioPostprocessor': haikuClass(
    'audioPostprocessor',
    audioPostprocessorConfig,
    [renamed({ samples_per_patch: 'samplesPerPatch' }), only({ postproc_type: 'patches' })],
    audioPostprocessor,
  ),
  'io_processors.IdentityPostprocessor': haikuClass(
    'identityPostprocessor',
    without,
    [],
    identityPostprocessor,
  ),
  'io_processors.ClassificationPostprocessor': haikuClass(
    'classificationPostprocessor',
    classificationPostprocessorConfig,
    [renamed({ num_classes: 'numClasses' })],
    classificationPostprocessor,
  ),
  'io_processors.ProjectionPostprocessor': haikuClass(
    'projectionPostprocessor',
    projectionPostprocessorConfig,
    [renamed({ num_outputs: 'outputChannels' })],
    projectionPostprocessor,
  ),
  'io_processors.MultimodalPostprocessor': haikuClassOfParts(
    'multimodalPostprocessor',
    without,
    // A record of outputs is recognised as such; the argument is not needed.
    [modalities(roles.postprocessor), unread('input_is_dict')],
    (s, { modalities: parts }: WithModalities, name, declarePart) => {
      const declared = declareEach(s, parts, declarePart) as Record<string, Declared<Postprocessor>>;
      return s.declare(renamedTo(name, multimodalPostprocessor(declared)));
    },
  ),
  'io_processors.EmbeddingDecoder': haikuClass(
    'embeddingDecoder',
    without,
    // The table is an input of the layer's call.
    [unread('embedding_matrix')],
    () => embeddingDecoder(),
  ),
};
