/**
 * The published models at full size, forward, batch 1, parameters by name and not trained.
 */
import { language, publishedLanguage } from '../programs/language.js';
import type { Work } from '../work.js';

export const models: readonly Work[] = [
  {
    name: 'language',
    group: 'model',
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
    library: { kind: 'preset', name: 'language' },
    tolerance: 1e-3,
  },
];
