/** Probabilities as bars, each with what it is of before it and its value after it. */
import { element, percent, setNumber } from './dom.js';

/** One bar. */
export const bar = (label: string, probability: number, isFirst = false): HTMLLIElement => {
  const fill = element('span', { class: 'fill' });
  setNumber(fill, 'share', probability);
  return element(
    'li',
    { class: isFirst ? 'bar is-first' : 'bar' },
    element('span', { class: 'label' }, label),
    element('span', { class: 'track', 'aria-hidden': 'true' }, fill),
    element('span', { class: 'value' }, percent(probability)),
  );
};
