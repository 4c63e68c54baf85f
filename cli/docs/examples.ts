/**
 * Outputs that the documentation shows: what the small trained models in the package really make of what they never saw,
 * computed when it is asked for.
 */
import type { Example } from '../../lib/docs/document.js';
import { startEngine } from '../load.js';
import { digitExamples } from './digitExamples.js';
import { wordExamples } from './wordExamples.js';

export { exampleStyle } from './exampleStyle.js';

/** An example without its title. */
type Shown = Omit<Example, 'title'>;

const small = (of: string): string => `The same architecture, small and trained: ${of}`;

/** Computed when it is first asked for, and never again: several presets show the same. */
const once = (compute: () => Promise<Shown>) => {
  let computed: Promise<Shown> | undefined;
  return (): Promise<Shown> => (computed ??= compute());
};

const [digits, words] = [once(digitExamples), once(wordExamples)];

const digitsIn = (title: string) => async (): Promise<Example> => ({ title, ...(await digits()) });
const wordsIn = (title: string) => async (): Promise<Example> => ({ title, ...(await words()) });

const made: Readonly<Record<string, () => Promise<Example>>> = {
  digits: digitsIn('Held-out digits'),
  'imagenet-learned': digitsIn(small('handwritten digits')),
  'imagenet-fourier': digitsIn(small('handwritten digits')),
  'imagenet-conv': digitsIn(small('handwritten digits')),
  words: wordsIn('Held-out texts'),
  language: wordsIn(small('glosses of WordNet')),
};

/** The examples of a preset's page; none for presets without trained weights in the package. */
export const examplesOf = async (name: string): Promise<readonly Example[]> => {
  if (!Object.hasOwn(made, name)) return [];
  await startEngine();
  return [await made[name]()];
};
