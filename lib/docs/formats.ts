/**
 * Documentation in each format, as files by their paths. Characters that would move a cursor or turn text round are spelled.
 */
import { printable } from '../data/printable.js';
import type { ModelDocument } from './document.js';
import { markdown } from './markdown.js';
import { markdownIndex } from './markdownIndex.js';
import { modelCard } from './modelCard.js';
import { checkNames, site, type SiteOptions } from './site.js';
import { diagram } from './svg/index.js';

export type Files = ReadonlyMap<string, string | Uint8Array>;

/** The level that a README shows: what is in the outermost modules, where there is such a level. */
const pictured = ({ views, title, name }: ModelDocument): Files => {
  const view = views[1] ?? views[0];
  return new Map(view ? [[`${name}.svg`, diagram(view, { standalone: true, title })]] : []);
};

const withDiagram = (document: ModelDocument): readonly (readonly [string, string | Uint8Array])[] => {
  const pictures = pictured(document);
  const [picture] = pictures.keys();
  return [[`${document.name}.md`, printable(markdown(document, { diagram: picture }))], ...pictures];
};

const markdownFiles = (documents: readonly ModelDocument[]): Files => {
  checkNames(documents);
  return new Map([
    ...documents.flatMap(withDiagram),
    ...(documents.length > 1 ? [['README.md', printable(markdownIndex(documents))] as const] : []),
  ]);
};

const each =
  (pathOf: (name: string) => string, show: (document: ModelDocument) => string) =>
  (documents: readonly ModelDocument[]): Files => {
    checkNames(documents);
    return new Map(documents.map((document) => [pathOf(document.name), printable(show(document))]));
  };

/** The formats of documentation, by name. */
export const formats = {
  /** A site that opens from the file system. */
  html: (documents: readonly ModelDocument[], options: SiteOptions = {}): Files => site(documents, options),
  /** For a README. */
  markdown: markdownFiles,
  /** The documents themselves. */
  json: each(
    (name) => `${name}.json`,
    (document) => `${JSON.stringify(document, null, 2)}\n`,
  ),
  /** Each in a folder of its own, beside which its weights may lie. */
  'model-card': each((name) => `${name}/README.md`, modelCard),
} as const;

export type Format = keyof typeof formats;
