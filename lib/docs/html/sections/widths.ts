/** Why every width is what it is. */
import { showArithmetic } from '../../arithmetic.js';
import type { Arithmetic, ModelDocument } from '../../document.js';
import { html, type Html } from '../html.js';
import { inlineProse } from '../prose.js';
import { sectionOf } from '../section.js';
import { table } from '../table.js';

/** A sum as a bar cut where its parts end; what is too thin to see is not drawn. */
const bar = (arithmetic: Arithmetic): Html | false => {
  if (arithmetic.kind !== 'sum') return false;
  let end = 0;
  const parts = arithmetic.of.map((part, i) => {
    const start = end;
    end += part.size;
    const width = Math.max(0.3, (100 * part.size) / arithmetic.size - 0.4);
    return html`<rect
      class="part-${i % 4}"
      x="${((100 * start) / arithmetic.size).toFixed(2)}"
      width="${width.toFixed(2)}"
      height="4"
    />`;
  });
  return html`<svg class="sum" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
    ${parts}
  </svg>`;
};

const formula = (arithmetic: Arithmetic): Html => {
  const [, size, rest] = /^([\d,]+)([^]*)$/.exec(showArithmetic(arithmetic)) ?? ['', '', ''];
  return html`<strong>${size}</strong>${rest}${bar(arithmetic)}`;
};

export const widths = ({ widths }: ModelDocument) =>
  sectionOf(
    'widths',
    'Every width, explained',
    table(
      'Widths and lengths with their arithmetic',
      [
        { title: 'where', look: 'path' },
        { title: 'axis' },
        { title: 'size and what it is made of', look: 'formula' },
        ...(widths.some(({ why }) => why !== undefined) ? [{ title: 'why', look: 'words' }] : []),
      ],
      widths.map(({ where, axis, arithmetic, why }) =>
        [where, axis, formula(arithmetic), why !== undefined && inlineProse(why)].slice(
          0,
          widths.some(({ why }) => why !== undefined) ? 4 : 3,
        ),
      ),
    ),
    widths.length > 0,
  );
