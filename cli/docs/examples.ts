/**
 * Outputs that the documentation shows: what the small trained models in the package really make of what they never saw,
 * computed when it is asked for.
 */
import type { Example } from '../../lib/docs/document.js';
import { presetNamed, startEngine } from '../load.js';
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

/** Examples of the presets of a task: those of the small trained one. */
const made: Readonly<
  Record<
    string,
    {
      readonly of: string;
      readonly title: string;
      readonly other: string;
      readonly show: () => Promise<Shown>;
    }
  >
> = {
  classify: {
    of: 'digits',
    title: 'Held-out digits',
    other: small('handwritten digits'),
    show: once(digitExamples),
  },
  'fill-mask': {
    of: 'words',
    title: 'Held-out texts',
    other: small('glosses of WordNet'),
    show: once(wordExamples),
  },
};

/** The examples of a preset's page; none for tasks without a small trained model in the package. */
export const examplesOf = async (name: string): Promise<readonly Example[]> => {
  const { task } = presetNamed(name);
  if (!Object.hasOwn(made, task)) return [];
  await startEngine();
  const { of, title, other, show } = made[task];
  return [{ title: name === of ? title : other, ...(await show()) }];
};
