/** A part of a page that its table of contents leads to. */
import { html, type Html, type Inserted } from './html.js';

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Inserted;
}

/** A section, where there is something in it. */
export const sectionOf = (
  id: string,
  title: string,
  content: Inserted,
  hasContent: boolean = true,
): readonly Section[] => (hasContent ? [{ id, title, content }] : []);

/** A section with its heading, which links to itself. */
export const showSection = ({ id, title, content }: Section): Html =>
  html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title"><a class="anchor" href="#${id}">${title}</a></h2>
    ${content}
  </section> `;

/** The table of contents. */
export const contents = (sections: readonly Section[]): Html =>
  html`<nav class="contents" aria-label="On this page">
    <p>On this page</p>
    <ol>
      ${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li> `)}
    </ol>
  </nav> `;
