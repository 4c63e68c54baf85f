/** The half of the page where letters of a sentence are made blank and filled in. */
import { bar } from './bars.js';
import { byId, element, percent } from './dom.js';
import type { Examples } from './files.js';
import { type Filled, fillBlanks, nameOf, nameOfByte } from './guesses.js';
import { lastOnly } from './lastOnly.js';
import { startLetters } from './letters.js';
import {
  blank,
  bracketed,
  lettersOf,
  type MaskedText,
  numBytes,
  retyped,
  toggled,
  tokenize,
  withoutBlanks,
  withRandomBlanks,
} from './maskedText.js';
import { type Fill, maxLength } from './models.js';

/** Compares the filled-in text with the typed one. */
const comparison = (typed: string, { text }: Filled): string => {
  if (typed === blank) return '';
  return text === typed ? 'as typed' : `typed: ${nameOf(typed)}`;
};

/** The guesses for one blank. */
const card = (typed: string, filled: Filled): HTMLElement =>
  element(
    'li',
    { class: filled.text === typed ? 'blank is-same' : 'blank' },
    element(
      'p',
      { class: 'head' },
      element('strong', {}, nameOf(filled.text)),
      ` ${percent(filled.probability)} `,
      element('span', { class: 'typed' }, comparison(typed, filled)),
    ),
    ...filled.guesses.map((guesses) =>
      element(
        'ol',
        { class: 'bars' },
        ...guesses.map(({ id, probability }, i) => bar(nameOfByte(id), probability, i === 0)),
      ),
    ),
  );

/** A text whose blanks are marked. */
const marked = (text: MaskedText): readonly (Node | string)[] =>
  text.map((each) => (each.isBlank ? element('span', { class: 'is-blank' }, each.text) : each.text));

/** The whole text, filled. */
const whole = (text: MaskedText, filled: readonly Filled[]): string => {
  const found = new Map(filled.map((each) => [each.index, each.text]));
  return text.map((each, i) => found.get(i) ?? each.text).join('');
};

/** In words, for who hears the page. */
const summary = (text: MaskedText, filled: readonly Filled[]): string => {
  if (!filled.length) return 'No letter is blank yet.';
  const known = filled.filter(({ index }) => text[index].text !== blank);
  const same = known.filter((each) => each.text === text[each.index].text).length;
  const share = known.length ? ` ${same} of ${known.length} as typed.` : '';
  return `Filled in: ${whole(text, filled)}.${share}`;
};

const tooLong = (bytes: number): string => `${bytes} bytes: the model takes ${maxLength} at most.`;

/** Puts the panel to work. @returns a promise that resolves with the first answer */
export const startWords = (fill: Fill, { texts }: Examples): Promise<void> => {
  const sentence = byId('sentence', HTMLInputElement);
  const [count, status] = [byId('sentence-count', HTMLElement), byId('filled', HTMLElement)];
  const blanks = byId('blanks', HTMLUListElement);
  let text: MaskedText = [];

  const ask = lastOnly(async (asked: MaskedText) => {
    const isTooLong = numBytes(asked) > maxLength;
    const tokens = tokenize(asked);
    const isAsked = !isTooLong && asked.some(({ isBlank }) => isBlank);
    const filled = isAsked ? fillBlanks(asked, tokens, await fill(tokens.ids)) : [];
    letters.show(asked, filled);
    status.textContent = isTooLong ? tooLong(numBytes(asked)) : summary(asked, filled);
    blanks.replaceChildren(...filled.map((each) => card(asked[each.index].text, each)));
  });
  const show = (next: MaskedText): Promise<void> => {
    text = next;
    const bytes = numBytes(text);
    const isTooLong = bytes > maxLength;
    sentence.setAttribute('aria-invalid', `${isTooLong}`);
    count.textContent = isTooLong ? tooLong(bytes) : `${bytes} of ${maxLength} bytes`;
    return ask(text);
  };
  const letters = startLetters(byId('letters', HTMLElement), (index) => void show(toggled(text, index)));
  const load = (example: string): Promise<void> => {
    const next = bracketed(example);
    sentence.value = lettersOf(next);
    return show(next);
  };

  sentence.addEventListener('input', () => void show(retyped(text, sentence.value)));
  byId('blank-some', HTMLButtonElement).addEventListener(
    'click',
    () => void show(withRandomBlanks(text, Math.random)),
  );
  byId('blank-none', HTMLButtonElement).addEventListener('click', () => void show(withoutBlanks(text)));
  const buttons = texts.map((example) => {
    const button = element('button', { type: 'button', class: 'text' }, ...marked(bracketed(example)));
    button.addEventListener('click', () => void load(example));
    return button;
  });
  byId('text-examples', HTMLElement).replaceChildren(...buttons);
  return load(texts[0]);
};
