/**
 * Parameters by seed: drawn as JAX draws them.
 */
import { language, publishedLanguage } from '../programs/language.js';
import type { Work } from '../work.js';

/** The model of the library and the seed. */
export const initialised = { preset: 'language', seed: 42 } as const;

export const initialisation: readonly Work[] = [
  {
    name: 'language by seed',
    group: 'initialisation',
    inputs: [
      {
        name: 'ids',
        shape: [1, publishedLanguage.maxLength],
        kind: 'ids',
        range: publishedLanguage.vocabSize,
      },
      { name: 'mask', shape: [1, publishedLanguage.maxLength], kind: 'mask' },
    ],
    program: language(publishedLanguage),
    library: { kind: 'preset', name: initialised.preset },
    tolerance: 1e-5,
  },
];
