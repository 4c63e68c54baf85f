/**
 * A model's page: what it is, what goes in and comes out, what it costs and why it is as wide as it is, how to load it,
 * what is known of it. What nobody knows of a model is left out.
 */
import type { ModelDocument } from '../document.js';
import { html } from './html.js';
import { contents, type Section, showSection } from './section.js';
import { closing } from './sections/closing.js';
import { config } from './sections/config.js';
import { cost } from './sections/cost.js';
import { diagrams } from './sections/diagrams.js';
import { heading, overview } from './sections/overview.js';
import { parameters } from './sections/parameters.js';
import { notes, published } from './sections/published.js';
import { using } from './sections/using.js';
import { widths } from './sections/widths.js';
import { shell, type Site } from './shell.js';

/** The path of a model's page in a site. */
export const modelPath = (name: string): string => `models/${name}.html`;

const sectionsOf = (document: ModelDocument): readonly Section[] => [
  ...overview(document),
  ...diagrams(document),
  ...widths(document),
  ...using(document),
  ...published(document),
  ...notes(document),
  ...cost(document),
  ...parameters(document),
  ...config(document),
  ...closing(document),
];

/** A model's page, whole. */
export const modelPage = (document: ModelDocument, site: Site, path = modelPath(document.name)): string => {
  const sections = sectionsOf(document);
  return shell(
    {
      path,
      title: document.title,
      description: document.doc,
      isGenerated: true,
      main: html`<article class="model">
        ${heading(document)}${contents(sections)}${sections.map(showSection)}
      </article>`,
    },
    site,
  );
};
