/** Drawings of a model: its diagram at a level, bars, and how it grows; the one place that knows who draws them. */
import type { Growth, View } from '../document.js';
import { diagram } from '../svg/index.js';
import { html, Html } from './html.js';

/** A bar: what it is, how long, and what is written beside it. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
}

/** A diagram of a level, as wide as the column that pages have for it. */
export const drawView = (view: View, level: number, title: string): Html =>
  Html.trusted(diagram(view, { prefix: `level-${level}`, title, maxWidth: 880 }));

/** Bars one below the other. */
export const drawBars = (bars: readonly Bar[], title: string): Html =>
  html`<ul aria-label="${title}">
    ${bars.map(({ label, text }) => html`<li>${label}: ${text}</li>`)}
  </ul>`;

/** A model beside a Transformer, by the size of the input. */
export const drawGrowth = ({ points }: Growth, what: 'flops' | 'bytes'): Html =>
  html`<ul>
    ${points.map((point) => html`<li>${point.size}: ${point[what]}, ${point.transformer[what]}</li>`)}
  </ul>`;
