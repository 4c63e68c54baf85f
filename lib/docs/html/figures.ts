/** Drawings of a model: its diagram at a level, bars, and how it grows; the one place that knows who draws them. */
import type { Growth, View } from '../document.js';
import { html, type Html } from './html.js';

/** A bar: what it is, how long, and what is written beside it. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly text: string;
}

/** A diagram; its ids begin with the level, since a page holds several. */
export const drawView = (view: View, level: number): Html =>
  html`<ol id="v${level}">
    ${view.arrows.map(({ from, to }) => html`<li>${from} → ${to}</li>`)}
  </ol>`;

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
