/** The half of the page where letters of a sentence are made blank and filled in. */
import { bar } from './bars.js';
import { byId, element, percent } from './dom.js';
import type { Examples } from './files.js';
import { type Filled, fillBlanks, nameOf, nameOfByte } from './guesses.js';
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

/** Puts the panel to work. */
export const startWords = (fill: Fill, { texts }: Examples): void => {
  const sentence = byId('sentence', HTMLInputElement);
  const [count, status] = [byId('sentence-count', HTMLElement), byId('filled', HTMLElement)];
  const blanks = byId('blanks', HTMLUListElement);
  let text: MaskedText = [];

  const show = (next: MaskedText): void => {
    text = next;
    const bytes = numBytes(text);
    const isTooLong = bytes > maxLength;
    const tokens = tokenize(text);
    const isAsked = !isTooLong && text.some(({ isBlank }) => isBlank);
    const filled = isAsked ? fillBlanks(text, tokens, fill(tokens.ids)) : [];
    sentence.setAttribute('aria-invalid', `${isTooLong}`);
    count.textContent = isTooLong ? tooLong(bytes) : `${bytes} of ${maxLength} bytes`;
    letters.show(text, filled);
    status.textContent = isTooLong ? tooLong(bytes) : summary(text, filled);
    blanks.replaceChildren(...filled.map((each) => card(text[each.index].text, each)));
  };
  const letters = startLetters(byId('letters', HTMLElement), (index) => show(toggled(text, index)));
  const load = (example: string): void => {
    const next = bracketed(example);
    sentence.value = lettersOf(next);
    show(next);
  };

  sentence.addEventListener('input', () => show(retyped(text, sentence.value)));
  byId('blank-some', HTMLButtonElement).addEventListener('click', () =>
    show(withRandomBlanks(text, Math.random)),
  );
  byId('blank-none', HTMLButtonElement).addEventListener('click', () => show(withoutBlanks(text)));
  const buttons = texts.map((example) => {
    const button = element('button', { type: 'button', class: 'text' }, ...marked(bracketed(example)));
    button.addEventListener('click', () => load(example));
    return button;
  });
  byId('text-examples', HTMLElement).replaceChildren(...buttons);
  load(texts[0]);
};
