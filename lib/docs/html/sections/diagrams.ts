/** Diagrams of a model, one for each level of detail, chosen by radio buttons that need no script. */
import type { ModelDocument, View } from '../../document.js';
import { drawView } from '../figures.js';
import { html, type Html } from '../html.js';
import { sectionOf } from '../section.js';

/** The level that is shown at first: modules with what is in them, where there is such a level. */
const preferred = 2;

/** The stylesheet knows so many levels. */
export const maxLevels = 6;

const names = ['Outline', 'Parts', 'Layers', 'Inside layers', 'Finer', 'Finest'];

const button = (level: number, isChecked: boolean): Html =>
  html`<input type="radio" name="level" id="level-${level}" ${isChecked && html` checked`} /><label
      for="level-${level}"
      >${names[level - 1]}</label
    > `;

const figure = (view: View, level: number, title: string): Html =>
  html`<figure class="diagram level-${level}">
    <div class="scroll" tabindex="0" role="region" aria-label="${names[level - 1]} of ${title}">
      ${drawView(view, level)}
    </div>
  </figure> `;

export const diagrams = ({ views, title }: ModelDocument) => {
  const shown = views.slice(0, maxLevels);
  const chosen = Math.min(preferred, shown.length);
  return sectionOf(
    'diagram',
    'Diagram',
    html`<p>Drawn from the traced graph. Every arrow carries its shape for one example, without the batch.</p>
      <fieldset class="levels">
        <legend class="unseen">Level of detail</legend>
        ${shown.map((_, i) => button(i + 1, i + 1 === chosen))}${shown.map((view, i) => figure(view, i + 1, title))}
      </fieldset> `,
    shown.length > 0,
  );
};
