/** The section that explains every width. */
import { showArithmetic } from '../../arithmetic.js';
import type { Arithmetic, ModelDocument, Width } from '../../document.js';
import { grouped } from '../../../data/quantities.js';
import { html, type Html, type Inserted } from '../html.js';
import { path } from '../links.js';
import { inlineProse } from '../prose.js';
import { sectionOf } from '../section.js';
import { type Column, table } from '../table.js';

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

interface Explained {
  readonly where: readonly string[];
  readonly width: Width;
}

/** Widths that are explained the same way, told once. */
const together = (widths: readonly Width[]): readonly Explained[] => {
  const groups = new Map<string, Width[]>();
  for (const width of widths) {
    const name = JSON.stringify([width.axis, width.arithmetic, width.why, width.parts]);
    groups.set(name, [...(groups.get(name) ?? []), width]);
  }
  return [...groups.values()].map((alike) => ({ where: alike.map(({ where }) => where), width: alike[0] }));
};

const columns: readonly Column[] = [
  { title: 'size and what it is made of', look: 'formula' },
  { title: 'axis' },
  { title: 'where', look: 'wheres' },
];

export const widths = ({ widths }: ModelDocument) => {
  const told = new Set<string>();
  const hasWhy = widths.some(({ why, parts = [] }) => why !== undefined || parts.length > 0);
  /** A reason is given once. */
  const reason = (why: string | undefined): Inserted => {
    if (why === undefined) return undefined;
    if (told.has(why)) return html`<span class="soft">as above</span>`;
    told.add(why);
    return inlineProse(why);
  };
  /** Reasons for sizes that it is made of. */
  const reasonsOfParts = ({ parts = [] }: Width): Inserted =>
    parts.map(
      ({ size, why }) => html`<p class="of-part"><strong>${grouped(size)}</strong> ${inlineProse(why)}</p> `,
    );
  return sectionOf(
    'widths',
    'Every width, explained',
    table(
      'Widths and lengths with their arithmetic',
      hasWhy ? [...columns, { title: 'why', look: 'words' }] : columns,
      together(widths).map(({ where, width }) => [
        formula(width.arithmetic),
        width.axis,
        html`<ul class="plain">
          ${where.map((each) => html`<li>${path(each)}</li>`)}
        </ul>`,
        ...(hasWhy ? [html`${reason(width.why)}${reasonsOfParts(width)}`] : []),
      ]),
    ),
    widths.length > 0,
  );
};
