/** Sections on use: loading the weights, running the model, outputs that it gave. */
import type { Loading } from '../../about.js';
import type { Example, ModelDocument } from '../../document.js';
import { codeBlock } from '../code.js';
import { html, Html } from '../html.js';
import { externalLink } from '../links.js';
import { inlineProse } from '../prose.js';
import { sectionOf } from '../section.js';
import { maxTabs, type Tab, tabs } from '../tabs.js';

const checkpoint = ({ checkpoint }: ModelDocument): Html => {
  if (!checkpoint) return html`<p>No trained parameters were published.</p> `;
  const file = /^https?:/.test(checkpoint.url) ? checkpoint.url.split('/').pop() : undefined;
  return html`<p>Trained parameters: ${externalLink(checkpoint.url, file)}, ${checkpoint.license}.</p> `;
};

const loading = ({ by, snippet, note }: Loading): Tab => ({
  title: by,
  content: html`${note !== undefined && html`<p>${inlineProse(note)}</p> `}${codeBlock(snippet.code, snippet.language)}`,
});

const ways = (loadings: readonly Loading[]): Html | false =>
  loadings.length > 0 &&
  tabs('loading', loadings.slice(0, maxTabs).map(loading), { label: 'Loaded by', areAllPrinted: true });

const example = (example: Example): Html =>
  html`<figure class="example">
    <figcaption>${example.title}</figcaption>
    <div class="scroll" tabindex="0" role="group" aria-label="${example.title}">
      ${Html.trusted(example.html)}
    </div>
  </figure> `;

export const using = (document: ModelDocument) => {
  const { about, examples } = document;
  return [
    ...sectionOf(
      'load',
      'Load the weights',
      html`${checkpoint(document)}${about && ways(about.loading)}`,
      document.checkpoint !== undefined || (about !== undefined && about.loading.length > 0),
    ),
    ...sectionOf(
      'run',
      'Run it',
      about &&
        html`<p>Runs as it stands, at a size that takes seconds.</p>
          ${codeBlock(about.snippet.code, about.snippet.language)}`,
      about !== undefined,
    ),
    ...sectionOf('examples', 'What it gave', examples.map(example), examples.length > 0),
  ];
};
