/**
 * Tables: a caption for those who do not see them, columns of numbers that end where others begin, in a box that scrolls
 * by itself, so that no table ever widens a page. Where there is much to read in cells, narrow windows have one under the
 * other, each with its column's title.
 */
import { html, type Html, type Inserted } from './html.js';

export interface Column {
  readonly title: string;
  readonly isNumeric?: boolean;
  /** A class for the cells of a column with a look of its own: 'shape', 'path'. */
  readonly look?: string;
}

const classOf = ({ isNumeric, look }: Column): Html | undefined => {
  const classes = [isNumeric ? 'number' : '', look ?? ''].filter(Boolean);
  return classes.length ? html` class="${classes.join(' ')}"` : undefined;
};

/** The box around what may be wider than the page. */
export const scrolling = (label: string, content: Inserted): Html =>
  html`<div class="scroll" tabindex="0" role="group" aria-label="${label}">${content}</div> `;

/** A table; the first cell of a row names it. */
export const table = (
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Inserted[])[],
): Html => {
  const stacks = columns.some(({ look }) => look === 'words');
  const cell = (value: Inserted, i: number) =>
    i === 0
      ? html`<th scope="row" ${classOf(columns[i])}>${value}</th>`
      : html`<td${classOf(columns[i])}${stacks && html` data-column="${columns[i].title}"`}>${value}</td>`;
  return scrolling(
    caption,
    html`<table${stacks && html` class="stacks"`}>
      <caption class="unseen">
        ${caption}
      </caption>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col" ${classOf(column)}>${column.title}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (row) =>
            html`<tr>
              ${row.map(cell)}
            </tr> `,
        )}
      </tbody>
    </table> `,
  );
};
