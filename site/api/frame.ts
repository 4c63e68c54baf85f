/**
 * TypeDoc's pages made pages of the site: what TypeDoc says of the code, with the site's frame and look around it. Its
 * own frame, scripts and icons are left out, so that the pages run nothing and open from the file system.
 */
import { Html } from '../../lib/docs/html/html.js';
import { pathFrom } from '../../lib/docs/html/links.js';
import { shell, type Site } from '../../lib/docs/html/shell.js';
import { layerSections } from './layers.js';

const [begin, end] = ['<div class="col-content">', '<div class="col-sidebar">'];

/**
 * Ornaments that are removed from the content: icons, links to a heading beside it, buttons that need TypeDoc's
 * scripts.
 */
const ornaments = /<svg[^]*?<\/svg>|<a [^>]*class="tsd-anchor-icon"[^>]*><\/a>|<button[^]*?<\/button>/g;

const entity = (text: string): string =>
  text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

/** Options and example of the layer whose page this is. */
const sectionsOf = (path: string): string => {
  const [, layer] = /functions\/renga_modules\.(\w+)\.html$/.exec(path) ?? [];
  return layer === undefined ? '' : (layerSections(layer)?.toString() ?? '');
};

/**
 * A page of the reference as the site has it.
 * @param path  where it is in the site
 * @throws Error where TypeDoc has written something else than pages
 */
export const frameReference = (page: string, path: string, site: Site): string => {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  const title = /<title>(.*?)<\/title>/.exec(page)?.[1];
  if (from < 0 || to < from || title === undefined)
    throw new Error(`${path} is not laid out as TypeDoc's pages are`);
  const content = page
    .slice(from + begin.length, to)
    .replace(/<\/div>\s*$/, '')
    .replace(ornaments, '')
    .replace(/<h1>(Function|Interface|Type Alias|Variable|Class|Module|Namespace) /, '<h1><small>$1</small> ')
    .replace(
      /(<ul class="tsd-breadcrumb"[^>]*>)/,
      `$1\n<li><a href="${pathFrom(path, 'api/index.html')}">API</a></li>`,
    )
    .replace('<h1>renga - v', '<h1>API reference <small>') // the version follows
    .replace(/ (role="presentation"|style="[^"]*")/g, '')
    .replace('<div class="tsd-parameters">', (parameters) => `${sectionsOf(path)}${parameters}`);
  return shell(
    {
      path,
      title: entity(title.replace(/ \| renga.*$/, '').replace(/^renga - v.*$/, 'API reference')),
      main: Html.trusted(`<article class="reference">${content}</article>`),
      styles: ['api/highlight.css', 'api/reference.css'],
    },
    site,
  );
};
