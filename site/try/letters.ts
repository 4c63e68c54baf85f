/** A text as a row of letters that are made blank by a click or a key, and that show what they are filled with. */
import { element, percent, reachable, roving, setNumber } from './dom.js';
import { type Filled, nameOf } from './guesses.js';
import type { MaskedText } from './maskedText.js';

export interface Letters {
  readonly show: (text: MaskedText, filled: readonly Filled[]) => void;
}

/** Buttons of a text, word by word, so that lines break between words. */
const inWords = (text: MaskedText, buttons: readonly HTMLElement[]): readonly HTMLElement[] => {
  const words: HTMLElement[][] = [[]];
  text.forEach((each, i) => {
    words[words.length - 1].push(buttons[i]);
    if (each.text === ' ') words.push([]);
  });
  return words.filter((word) => word.length).map((word) => element('span', { class: 'word' }, ...word));
};

const showButton = (button: HTMLElement, text: string, found: Filled | undefined): void => {
  const shown = found ? found.text : text;
  button.textContent = shown === ' ' ? '\u00a0' : shown;
  button.setAttribute('aria-pressed', `${found !== undefined}`);
  button.className = found ? 'letter is-blank' : 'letter';
  button.setAttribute(
    'aria-label',
    found ? `${nameOf(shown)}: filled in, ${percent(found.probability)} sure` : nameOf(text),
  );
  setNumber(button, 'sure', found?.probability ?? 0);
};

/**
 * Makes a group of letters.
 * @param onToggle  called with the index of a letter that is to be made blank, or no longer
 */
export const startLetters = (group: HTMLElement, onToggle: (index: number) => void): Letters => {
  let buttons: HTMLButtonElement[] = [];
  group.addEventListener(
    'keydown',
    roving(() => buttons, 10),
  );
  group.addEventListener('click', (event) => {
    const index = buttons.findIndex((button) => button.contains(event.target as Node));
    if (index < 0) return;
    reachable(buttons, index);
    onToggle(index);
  });
  return {
    show: (text, filled) => {
      if (buttons.length !== text.length) {
        buttons = text.map(() => element('button', { type: 'button' }));
        reachable(buttons, 0);
      }
      const found = new Map(filled.map((each) => [each.index, each]));
      text.forEach((each, i) => showButton(buttons[i], each.text, found.get(i)));
      if (!buttons.some((button) => button === document.activeElement))
        group.replaceChildren(...inWords(text, buttons));
    },
  };
};
