/** The choice of the latent whose attention is shown: all, or one, among small pictures of the attention of each. */
import { element, setNumber } from './dom.js';
import { stretched } from './pixelGrid.js';
import { side } from './strokes.js';

export interface Latents {
  /** The look that is chosen of those of all latents. */
  readonly chosen: (looks: readonly Float32Array[]) => Float32Array;
  readonly show: (looks: readonly Float32Array[] | undefined) => void;
}

/** The mean of several looks. */
export const meanOf = (looks: readonly Float32Array[]): Float32Array =>
  looks[0].map((_, i) => looks.reduce((sum, look) => sum + look[i], 0) / looks.length);

const cellsOf = (): readonly HTMLElement[] =>
  Array.from({ length: side * side }, () => element('span', { class: 'speck' }));

/**
 * Fills a fieldset with a choice for each latent.
 * @param onChoice  called when another one is chosen
 */
export const startLatents = (fieldset: HTMLElement, numLatents: number, onChoice: () => void): Latents => {
  let choice = 0; // 0 is all of them
  const specks = Array.from({ length: numLatents + 1 }, cellsOf);
  const options = specks.map((cells, i) => {
    const name = i ? `latent ${i}` : 'all';
    const input = element('input', { type: 'radio', name: 'latent', value: `${i}`, 'aria-label': name });
    input.checked = i === 0;
    input.addEventListener('change', () => {
      choice = i;
      onChoice();
    });
    const text = element('span', { class: 'name', 'aria-hidden': 'true' }, i ? `${i}` : 'all');
    return element('label', { class: 'latent' }, input, element('span', { class: 'specks' }, ...cells), text);
  });
  fieldset.append(element('div', { class: 'latents' }, ...options));
  return {
    chosen: (looks) => (choice ? looks[choice - 1] : meanOf(looks)),
    show: (looks) =>
      specks.forEach((cells, i) => {
        const shares = looks && stretched(i ? looks[i - 1] : meanOf(looks));
        cells.forEach((cell, at) => setNumber(cell, 'look', shares?.[at] ?? 0));
      }),
  };
};
