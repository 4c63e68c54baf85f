/** Diagrams of a model, one for each level of detail. */
import type { ModelDocument } from '../../document.js';
import { drawView } from '../figures.js';
import { html } from '../html.js';
import { sectionOf } from '../section.js';
import { scrolling } from '../table.js';
import { maxTabs, tabs } from '../tabs.js';

/** The level that is shown at first, from 0: what is in the outermost modules, where there is such a level. */
const preferred = 1;

const names = ['Outline', 'Parts', 'Layers', 'Inside layers'];

const nameOf = (level: number): string => names[level] ?? `Level ${level + 1}`;

export const diagrams = ({ views, title }: ModelDocument) => {
  const shown = views.slice(0, maxTabs).map((view, level) => ({
    title: nameOf(level),
    content: html`<figure class="diagram">
      ${scrolling(`${nameOf(level)} of ${title}`, drawView(view, level, `${title}: ${nameOf(level)}`))}
    </figure>`,
  }));
  return sectionOf(
    'diagram',
    'Diagram',
    html`<p>
        Drawn from the traced graph. Every arrow carries its shape for one example, without the batch; what
        joins tensors or changes a shape outside of modules is a small box. Faded parts lead to no output.
      </p>
      ${tabs('level', shown, { label: 'Level of detail', first: Math.min(preferred, shown.length - 1) })}`,
    shown.length > 0,
  );
};
