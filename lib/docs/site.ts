/**
 * A whole site of models as files by their paths: pages, one stylesheet, one script. Nothing is written here.
 */
import type { ModelDocument } from './document.js';
import { indexPage } from './html/indexPage.js';
import { modelPage, modelPath } from './html/modelPage.js';
import { script } from './html/script.js';
import { type NavigationEntry, type Page, shell, type Site } from './html/shell.js';
import { style } from './html/style.js';

export interface SiteOptions {
  /** The site's title; that of the only model, or 'renga', if not given. */
  readonly title?: string;
  /** Pages beside those of models, written by hand or by other programs. */
  readonly pages?: readonly Page[];
  /** Ways in the header beside those to the models. */
  readonly navigation?: readonly NavigationEntry[];
  /** The path of the page that compares models; 'index.html' if not given. */
  readonly comparison?: string;
  /** The page that the title leads to; the one that compares models if not given. */
  readonly home?: string;
  /** Styles of the examples, added to the stylesheet. */
  readonly style?: string;
  /** Other files by their paths: pictures, scripts, data. */
  readonly files?: ReadonlyMap<string, string | Uint8Array>;
}

/** A name that is a file's name in every file system, and a part of an address as it stands. */
const goodName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Refuses names that cannot name a file, and two models of one name. */
export const checkNames = (documents: readonly ModelDocument[]): void => {
  const seen = new Set<string>();
  for (const { name } of documents) {
    if (!goodName.test(name))
      throw new Error(
        `a model's name is ${JSON.stringify(name)}, expected letters, digits, '-', '_' and '.', which name its page`,
      );
    if (seen.has(name.toLowerCase())) throw new Error(`two models are called '${name}'`);
    seen.add(name.toLowerCase());
  }
};

const checkFree = (files: ReadonlyMap<string, unknown>, path: string): void => {
  if (files.has(path)) throw new Error(`two files of the site have the path '${path}'`);
};

/** The model of a site that has one and compares none; its page is the first of the site. */
const onlyModel = (
  documents: readonly ModelDocument[],
  { comparison, home }: SiteOptions,
): ModelDocument | undefined =>
  documents.length === 1 && comparison === undefined && home === undefined ? documents[0] : undefined;

/** The frame that all pages of a site share. */
export const frameOf = (documents: readonly ModelDocument[], options: SiteOptions = {}): Site => {
  const { navigation = [], comparison = 'index.html', home = comparison } = options;
  const only = onlyModel(documents, options);
  const title = options.title ?? only?.title ?? 'renga';
  if (only) return { title, home, navigation };
  const models = documents.map(({ name, title }) => ({ title, path: modelPath(name) }));
  const toModels = [
    { title: 'Compare', path: comparison },
    { title: 'Models', entries: models },
  ];
  return { title, home, navigation: [...toModels, ...navigation] };
};

/**
 * The files of a site.
 * @returns text or bytes by path: 'index.html', 'models/language.html', 'style.css', 'site.js'
 * @throws where a model's name cannot name a page, or two files would have one path
 */
export const site = (
  documents: readonly ModelDocument[],
  options: SiteOptions = {},
): ReadonlyMap<string, string | Uint8Array> => {
  const { pages = [], comparison = 'index.html', style: added = '' } = options;
  checkNames(documents);
  const frame = frameOf(documents, options);
  const files = new Map<string, string | Uint8Array>();
  const add = (path: string, content: string | Uint8Array): void => {
    checkFree(files, path);
    files.set(path, content);
  };
  add('style.css', style + added);
  add('site.js', script);
  for (const page of pages) add(page.path, shell(page, frame));
  const only = onlyModel(documents, options);
  if (only) add('index.html', modelPage(only, frame, 'index.html'));
  else {
    add(comparison, indexPage(documents, frame, comparison));
    for (const document of documents) add(modelPath(document.name), modelPage(document, frame));
  }
  for (const [path, content] of options.files ?? []) add(path, content);
  return files;
};
