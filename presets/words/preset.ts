/**
 * A small masked language model, trained, whose weights come with the package. Its network and its run are those of
 * `language`.
 */
import { maskedLanguageModel } from '../language/network.js';
import { fillMask } from '../language/run.js';
import { preset } from '../preset.js';

export const words = preset({
  ...maskedLanguageModel,
  run: fillMask,
  name: 'words',
  title: 'A small masked language model, trained, in the package',
  doc: 'A text of up to 64 bytes, some of them missing, to the missing bytes; half of single letters are right.',
  sources: [
    'the language model of arXiv:2107.14795 at small size, trained with its JAX code: AdamW, 9000 steps of 96',
    'glosses of WordNet 3.0 (Princeton University, WordNet licence)',
  ],
  checkpoint: {
    // A getter, since bundles that are scripts, not modules, have no address of their own.
    get url() {
      return new URL('./words.pickle', import.meta.url);
    },
    license: 'Apache-2.0; WordNet licence',
  },
  published: {
    vocabSize: 262,
    maxLength: 64,
    modelChannels: 96,
    encoder: {
      numLatents: 32,
      numLatentChannels: 192,
      numBlocks: 1,
      numSelfAttendsPerBlock: 4,
      numSelfAttendHeads: 8,
      numCrossAttendHeads: 8,
      qkChannels: 64,
      vChannels: 192,
    },
    decoder: {
      position: { kind: 'trainable', numChannels: 96 },
      numHeads: 8,
      qkChannels: 64,
      vChannels: 96,
      finalProject: false,
    },
  },
  small: {},
  about: async () => (await import('./about.js')).about,
});
