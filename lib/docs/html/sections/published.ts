/** Published results and training of a model, and contradictions between publications and code. */
import type { Sourced } from '../../about.js';
import type { ModelDocument } from '../../document.js';
import { html, type Html } from '../html.js';
import { inlineProse, prose } from '../prose.js';
import { sectionOf } from '../section.js';
import { table } from '../table.js';

/** Stands where a value was never published. */
export const notPublished = 'not published';

const from = ({ source }: Sourced): Html | undefined =>
  source === undefined ? undefined : inlineProse(source);

const results = ({ about }: ModelDocument): Html =>
  table(
    'Published results',
    [
      { title: 'measured', look: 'words' },
      { title: 'result', look: 'value' },
      { title: 'of', look: 'of' },
      { title: 'source', look: 'source' },
    ],
    (about?.results ?? []).map((result) => [
      inlineProse(result.what),
      inlineProse(result.value),
      result.of === undefined ? 'this model' : inlineProse(result.of),
      from(result),
    ]),
  );

const training = ({ about }: ModelDocument): Html =>
  table(
    'Training as published',
    [{ title: 'what' }, { title: 'as published', look: 'words' }, { title: 'source', look: 'source' }],
    (about?.training ?? []).map((fact) => [
      inlineProse(fact.what),
      fact.value === undefined ? html`<em class="absent">${notPublished}</em>` : inlineProse(fact.value),
      from(fact),
    ]),
  );

const differences = ({ about }: ModelDocument): Html =>
  html`<div class="differences">
    ${about?.differences.map(
      (difference) =>
        html`<article>
          <h3>${inlineProse(difference.what)}</h3>
          <dl>
            <div>
              <dt>Said</dt>
              <dd>${prose(difference.said)}</dd>
            </div>
            <div>
              <dt>Found</dt>
              <dd>${prose(difference.found)}</dd>
            </div>
          </dl>
          ${difference.source !== undefined && html`<p class="source">${inlineProse(difference.source)}</p> `}
        </article> `,
    )}
  </div> `;

const has = (items: readonly unknown[] | undefined): boolean => items !== undefined && items.length > 0;

export const published = (document: ModelDocument) => [
  ...sectionOf('results', 'Published results', results(document), has(document.about?.results)),
  ...sectionOf('training', 'Training, as published', training(document), has(document.about?.training)),
  ...sectionOf(
    'differences',
    'Where papers and code differ',
    differences(document),
    has(document.about?.differences),
  ),
];

export const notes = ({ notes }: ModelDocument) =>
  sectionOf(
    'notes',
    'To know before trusting it',
    html`<ul>
      ${notes.map((note) => html`<li>${inlineProse(note)}</li> `)}
    </ul> `,
    notes.length > 0,
  );
