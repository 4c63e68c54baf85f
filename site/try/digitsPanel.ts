/** The half of the page where a digit is drawn, seen and looked at. */
import { bar } from './bars.js';
import { byId, element, percent, setNumber } from './dom.js';
import type { Examples } from './files.js';
import { lastOnly } from './lastOnly.js';
import { startLatents } from './latents.js';
import type { See, Seen } from './models.js';
import { startPad } from './pad.js';
import { startPixelGrid } from './pixelGrid.js';
import { emptyPicture, pictureOf } from './strokes.js';

type DigitExample = Examples['digits'][number];

const pictureIn = ({ sixteenths }: DigitExample): Float32Array =>
  Float32Array.from(sixteenths, (value) => value / 16);

/** A button with a picture on it. */
const exampleButton = (example: DigitExample): HTMLButtonElement => {
  const specks = Array.from(pictureIn(example), (value) => {
    const speck = element('span', { class: 'speck' });
    setNumber(speck, 'shade', value);
    return speck;
  });
  const label = `a held-out ${example.label}`;
  return element(
    'button',
    { type: 'button', class: 'example', 'aria-label': label, title: label },
    element('span', { class: 'specks' }, ...specks),
  );
};

/** A picture's bars; all empty where nothing is drawn. */
const barsOf = (seen: Seen | undefined): readonly HTMLElement[] => {
  const probabilities = Array.from(seen?.probabilities ?? emptyPicture().slice(0, 10));
  const first = seen && probabilities.indexOf(Math.max(...probabilities));
  return probabilities.map((probability, digit) => bar(`${digit}`, probability, digit === first));
};

const answerOf = ({ probabilities }: Seen): string => {
  const probability = Math.max(...probabilities);
  return `${probability < 0.6 ? 'Perhaps a' : 'A'} ${probabilities.indexOf(probability)}, ${percent(probability)} sure.`;
};

/** Puts the panel to work. @returns a promise that resolves with the first answer */
export const startDigits = async (see: See, { digits }: Examples): Promise<void> => {
  const { looks } = await see(emptyPicture());
  const [bars, answer] = [byId('bars', HTMLOListElement), byId('digit', HTMLElement)];
  const isLookShown = byId('show-looks', HTMLInputElement);
  let seen: Seen | undefined;

  const showLook = (): void =>
    grid.showLook(seen && isLookShown.checked ? latents.chosen(seen.looks) : undefined);
  const ask = lastOnly(
    async ({ picture, isDone }: { readonly picture: Float32Array; readonly isDone: boolean }) => {
      seen = picture.some((value) => value > 0) ? await see(picture) : undefined;
      if (isDone) latents.show(seen?.looks);
      showLook();
      bars.replaceChildren(...barsOf(seen));
      if (!isDone) return;
      answer.textContent = seen ? answerOf(seen) : 'Nothing is drawn yet.';
      answer.setAttribute('aria-busy', 'false');
    },
  );
  const showPicture = (picture: Float32Array, isDone = true): Promise<void> => {
    grid.show(picture);
    if (isDone) answer.setAttribute('aria-busy', 'true');
    return ask({ picture, isDone });
  };

  let isAsked = false;
  const pad = startPad(byId('pad', HTMLCanvasElement), (isDone) => {
    const look = () => showPicture(pictureOf(pad.strokes(), pad.padSide), isDone);
    if (isDone) {
      isAsked = false; // the frame that was asked for comes too late
      return void look();
    }
    if (isAsked) return;
    isAsked = true; // once for each frame, however often the pen moves
    requestAnimationFrame(() => {
      if (!isAsked) return;
      isAsked = false;
      void look();
    });
  });
  const showBoth = (picture: Float32Array): Promise<void> => {
    pad.show(picture);
    return showPicture(picture);
  };
  const grid = startPixelGrid(byId('grid', HTMLElement), (picture) => void showBoth(picture));
  const latents = startLatents(byId('latents', HTMLFieldSetElement), looks.length, showLook);

  isLookShown.addEventListener('change', showLook);
  byId('clear', HTMLButtonElement).addEventListener('click', () => void showBoth(emptyPicture()));
  byId('undo', HTMLButtonElement).addEventListener('click', () => {
    if (!pad.strokes().length) return;
    pad.undo();
    void showPicture(pictureOf(pad.strokes(), pad.padSide));
  });
  const buttons = digits.map((example) => {
    const button = exampleButton(example);
    button.addEventListener('click', () => void showBoth(pictureIn(example)));
    return button;
  });
  byId('digit-examples', HTMLElement).replaceChildren(...buttons);
  await showBoth(pictureIn(digits[3]));
};
