/**
 * The classifier of texts as Hugging Face has it, with the sizes of the language model; of tokens with
 * `answers: 'tokens'`.
 */
import { published as language, small as smallLanguage } from '../language/preset.js';
import { preset } from '../preset.js';
import { sequenceClassification } from './huggingFace.js';
import { type TextClassifierConfig, textClassifierConfig, textClassifierNetwork } from './network.js';
import { classifyText } from './run.js';

const { vocabSize, maxLength, modelChannels, encoder } = language;

const decoder = (numChannels: number) => ({
  position: { kind: 'trainable' as const, numChannels },
  useQueryResidual: true,
});

/**
 * A classifier of texts over bytes.
 * @example textClassifier({ numClasses: 7, answers: 'tokens' }) // a tagger of bytes
 */
export const textClassifier = preset({
  name: 'text-classifier',
  task: 'classify-text',
  title: 'Classification of texts, or of their tokens',
  doc: 'A text of up to 2048 bytes to the probabilities of its classes, or of the classes of each of its bytes.',
  sources: [
    'transformers `PerceiverForSequenceClassification`',
    'the encoder of arXiv:2107.14795, section 4.1 and table 11',
  ],
  notes: ['Nobody published its parameters; its encoder is that of `language`.'],
  codec: textClassifierConfig,
  published: {
    vocabSize,
    maxLength,
    modelChannels,
    encoder,
    decoder: decoder(encoder.numLatentChannels),
    numClasses: 2,
  },
  small: {
    maxLength: smallLanguage.maxLength,
    modelChannels: smallLanguage.modelChannels,
    encoder: smallLanguage.encoder,
    decoder: decoder(smallLanguage.encoder.numLatentChannels),
  },
  network: textClassifierNetwork,
  inputs: ({ maxLength }: TextClassifierConfig) =>
    [{ shape: [1, maxLength], dtype: 'int32' as const }, { shape: [1, maxLength] }] as const,
  names: { inputs: ['ids', 'mask'], output: 'logits' },
  inputGrid: ({ maxLength }: TextClassifierConfig) => ({ shape: [maxLength], start: 0 }),
  run: classifyText,
  huggingFace: sequenceClassification,
  about: async () => (await import('./about.js')).about,
});
