/** Sections at the end of a model's page: uses and limits, licences, citation, sources. */
import type { ModelDocument } from '../../document.js';
import { codeBlock } from '../code.js';
import { html, type Html } from '../html.js';
import { inlineProse, prose } from '../prose.js';
import { type Section, sectionOf } from '../section.js';

const licences = ({ about, checkpoint }: ModelDocument): Html =>
  html`<ul>
    ${about && html`<li>Code: ${about.license.code}</li> `}
    <li>Weights: ${about?.license.weights ?? checkpoint?.license ?? 'none published'}</li>
  </ul> `;

export const closing = (document: ModelDocument): readonly Section[] => {
  const { about, sources } = document;
  return [
    ...sectionOf('uses', 'Uses', about && prose(about.uses), Boolean(about?.uses)),
    ...sectionOf('limits', 'Limits', about && prose(about.limits), Boolean(about?.limits)),
    ...sectionOf(
      'licence',
      'Licence',
      licences(document),
      about !== undefined || document.checkpoint !== undefined,
    ),
    ...sectionOf(
      'citation',
      'Citation',
      about && codeBlock(about.citation, undefined, 'BibTeX'),
      Boolean(about?.citation),
    ),
    ...sectionOf(
      'sources',
      'Sources',
      html`<ul>
        ${sources.map((source) => html`<li>${inlineProse(source)}</li> `)}
      </ul> `,
      sources.length > 0,
    ),
  ];
};
