/** The panel where a digit is drawn, answered by both models, and added to a visitor's own digits. */
import { byId, element, setNumber } from '../dom.js';
import type { Digit } from '../../../presets/digits/run.js';
import { startPad } from '../pad.js';
import { startPixelGrid } from '../pixelGrid.js';
import { emptyPicture, pictureOf } from '../strokes.js';
import { type Ask, barsOf, inWords } from './answers.js';
import type { Drawing } from './messages.js';

export interface DrawPanel {
  /** Takes weights of the trained model that are newer. */
  readonly setOwn: (ask: Ask) => Promise<void>;
  /** Says the answers to what is drawn once more. */
  readonly say: () => void;
}

const sixteenthsOf = (picture: Float32Array): readonly number[] =>
  Array.from(picture, (value) => Math.round(16 * value));

/** A button with a drawing on it, which removes it. */
const drawingButton = ({ label, sixteenths }: Drawing, index: number): HTMLButtonElement => {
  const specks = sixteenths.map((value) => {
    const speck = element('span', { class: 'speck' });
    setNumber(speck, 'shade', value / 16);
    return speck;
  });
  const name = `Remove your ${label}, number ${index + 1}`;
  return element(
    'button',
    { type: 'button', class: 'example', 'aria-label': name, title: name },
    element('span', { class: 'specks' }, ...specks),
  );
};

const isInked = (picture: Float32Array): boolean => picture.some((value) => value > 0);

/**
 * Puts the panel to work.
 * @param shipped   the library's model
 * @param drawings  the visitor's own digits of earlier visits
 * @param onChange  called with all of a visitor's own digits after each change
 */
export const startDrawing = (
  shipped: Ask,
  drawings: readonly Drawing[],
  onChange: (drawings: readonly Drawing[]) => void,
): DrawPanel => {
  const answer = byId('answer', HTMLElement);
  const [ownBars, shippedBars] = [byId('own-bars', HTMLOListElement), byId('shipped-bars', HTMLOListElement)];
  let all = drawings;
  let own: Ask | undefined;
  let picture = emptyPicture();
  let answers: { readonly own?: Digit; readonly shipped?: Digit } = {};
  let asked = 0;

  const say = (): void => {
    const { own, shipped } = answers;
    if (!shipped) answer.textContent = 'Nothing is drawn yet.';
    else if (own) answer.textContent = `Your model: ${inWords(own)}. The library's: ${inWords(shipped)}.`;
    else answer.textContent = `Yours is not trained yet. The library's: ${inWords(shipped)}.`;
  };
  /** Asks both models about the picture. @param isSaid  false while the pen moves: nothing is read aloud */
  const ask = async (isSaid: boolean): Promise<void> => {
    const number = ++asked;
    const isThere = isInked(picture);
    const [mine, theirs] = isThere ? await Promise.all([own?.(picture), shipped(picture)]) : [];
    if (number !== asked) return; // something newer was asked
    answers = { own: mine, shipped: theirs };
    ownBars.replaceChildren(...barsOf(mine));
    shippedBars.replaceChildren(...barsOf(theirs));
    if (isSaid) say();
  };
  const showPicture = (shown: Float32Array, isDone = true): void => {
    picture = shown;
    grid.show(picture);
    void ask(isDone);
  };

  const pad = startPad(byId('pad', HTMLCanvasElement), (isDone) =>
    showPicture(pictureOf(pad.strokes(), pad.padSide), isDone),
  );
  const showBoth = (shown: Float32Array): void => {
    pad.show(shown);
    showPicture(shown);
  };
  const grid = startPixelGrid(byId('grid', HTMLElement), showBoth);
  byId('clear', HTMLButtonElement).addEventListener('click', () => showBoth(emptyPicture()));
  byId('undo', HTMLButtonElement).addEventListener('click', () => {
    if (!pad.strokes().length) return;
    pad.undo();
    showPicture(pictureOf(pad.strokes(), pad.padSide));
  });

  const list = byId('own-digits', HTMLElement);
  const showAll = (): void => {
    byId('own-digits-title', HTMLElement).hidden = all.length === 0;
    list.replaceChildren(
      ...all.map((drawing, i) => {
        const button = drawingButton(drawing, i);
        button.addEventListener('click', () => {
          set(all.filter((_, other) => other !== i));
          // The place of the focus goes with its button.
          const rest = list.querySelectorAll('button');
          (rest[Math.min(i, rest.length - 1)] ?? byId('clear', HTMLButtonElement)).focus();
        });
        return button;
      }),
    );
  };
  const set = (changed: readonly Drawing[]): void => {
    all = changed;
    showAll();
    onChange(all);
  };
  const digits = Array.from({ length: 10 }, (_, label) => {
    const button = element('button', { type: 'button', 'aria-label': `Add it as a ${label}` }, `${label}`);
    button.addEventListener('click', () => {
      if (!isInked(picture)) return void (answer.textContent = 'Draw a digit first.');
      set([...all, { label, sixteenths: sixteenthsOf(picture) }]);
      pad.show(emptyPicture());
      showPicture(emptyPicture(), false);
      answer.textContent = `Added as a ${label}: ${all.length} of your own.`;
    });
    return button;
  });
  byId('add', HTMLElement).replaceChildren(...digits);
  showAll();
  showBoth(emptyPicture());

  return {
    setOwn: async (newer) => {
      own = newer;
      await ask(false);
    },
    say,
  };
};
