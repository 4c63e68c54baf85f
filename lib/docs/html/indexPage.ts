/** Models side by side, for those who choose one. */
import type { ModelDocument } from '../document.js';
import { showBytes, showCount, showFlops } from '../../data/quantities.js';
import { html, type Html, type Inserted } from './html.js';
import { externalLink, pathFrom } from './links.js';
import { modelPath } from './modelPage.js';
import { inlineProse } from './prose.js';
import { shell, type Site } from './shell.js';

/** The first sentence of a text. */
const firstSentence = (text: string): string => /^[^]*?[.](?=\s|$)/.exec(text)?.[0] ?? text;

interface Column {
  readonly title: string;
  readonly isNumeric?: boolean;
  readonly of: (document: ModelDocument) => Inserted;
}

const checkpoint = ({ checkpoint }: ModelDocument): Inserted => {
  if (!checkpoint) return 'none published';
  return /^https?:/.test(checkpoint.url) ? externalLink(checkpoint.url, 'published') : checkpoint.url;
};

const topResult = ({ about }: ModelDocument): Inserted => {
  const own = about?.results.find(({ of }) => of === undefined);
  return own && html`${inlineProse(own.value)} <small>${inlineProse(own.what)}</small>`;
};

const columns: readonly Column[] = [
  { title: 'in', of: ({ about }) => about && inlineProse(firstSentence(about.input)) },
  { title: 'out', of: ({ about }) => about && inlineProse(firstSentence(about.output)) },
  { title: 'parameters', isNumeric: true, of: ({ parameters }) => showCount(parameters) },
  { title: 'operations', isNumeric: true, of: ({ flops }) => showFlops(flops) },
  {
    title: 'memory at peak',
    isNumeric: true,
    of: ({ bytes }) => showBytes(bytes.weights + bytes.activations),
  },
  { title: 'result', of: topResult },
  { title: 'weights', of: checkpoint },
];

/** A cell that says its column's title itself where the table is shown as cards. */
const cell = (column: Column, document: ModelDocument): Html => {
  const content = column.of(document);
  const look = [column.isNumeric ? 'number' : '', content ? '' : 'empty'].filter(Boolean).join(' ');
  return html`<td role="cell" ${look && html` class="${look}"`}>
    <span class="column">${column.title}</span>
    <div>${content}</div>
  </td>`;
};

const row = (document: ModelDocument, path: string): Html =>
  html`<tr role="row">
    <th scope="row" role="rowheader">
      <a href="${pathFrom(path, modelPath(document.name))}">${document.title}</a>
      <small>${document.about ? inlineProse(document.about.task) : document.doc}</small>
    </th>
    ${columns.map((column) => cell(column, document))}
  </tr> `;

/** Models side by side, as a table of a page. */
export const comparison = (documents: readonly ModelDocument[], path: string): Html =>
  html`<div class="scroll" tabindex="0" role="group" aria-label="Models side by side">
    <table class="models" role="table">
      <caption class="unseen">
        Models side by side
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          <th scope="col" role="columnheader">model</th>
          ${columns.map(({ title, isNumeric }) => html`<th scope="col" role="columnheader" ${isNumeric && html` class="number"`}>${title}</th>`)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${documents.map((document) => row(document, path))}
      </tbody>
    </table>
  </div>`;

/** The page that compares models. */
export const indexPage = (documents: readonly ModelDocument[], site: Site, path = 'index.html'): string =>
  shell(
    {
      path,
      title: path === site.home ? site.title : 'Models side by side',
      description:
        'Models side by side: what goes in, what comes out, what they cost, where their weights are.',
      isGenerated: true,
      main: html`<header class="page">
          <h1>Models side by side</h1>
          <p class="lead">
            What goes in, what comes out, what it costs and where the weights are. Costs are of one example,
            read off the traced graph.
          </p>
        </header>
        ${comparison(documents, path)}`,
    },
    site,
  );
