/**
 * The hand-written pages as HTML: headings that can be linked to, code coloured, tables that scroll, links that lead to
 * the site's pages. HTML that is written in them is taken as it is: they are the project's own.
 */
import { posix } from 'node:path';
import { codeBlock } from '../lib/docs/html/code.js';
import { escape } from '../lib/docs/escape.js';
import { Html } from '../lib/docs/html/html.js';
import { markdownRenderer } from '../lib/docs/html/prose.js';
import { pathFrom } from '../lib/docs/html/links.js';

/** Gives the path in the site of a file of the project: 'docs/names.html' for 'docs/names.md'. */
export type PathOf = (file: string) => string | undefined;

/** A page's text, taken apart for the site. */
export interface Rendered {
  readonly title: string;
  readonly html: Html;
  /** Files of the project that it links to or shows. */
  readonly linked: readonly string[];
}

/** A heading's id, as GitHub makes them, so that links lead to the same place there and here. */
export const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

/** The state of one page's rendering, which markdown-it hands through. */
interface Env {
  readonly [name: string]: unknown;
  readonly file: string;
  readonly page: string;
  readonly pathOf: PathOf;
  readonly slugs: Map<string, number>;
  readonly linked: Set<string>;
}

const markdown = markdownRenderer({ html: true });

/** @throws Error for a file that the site does not have */
const address = (href: string, { file, page, pathOf, linked }: Env): string => {
  if (/^[a-z]+:|^#/i.test(href)) return href;
  const [path, anchor] = href.split('#');
  const target = posix.normalize(posix.join(posix.dirname(file), path));
  const there = pathOf(target);
  if (there === undefined) throw new Error(`${file}: links to ${href}, which is not of the site`);
  linked.add(target);
  return pathFrom(page, there) + (anchor === undefined ? '' : `#${anchor}`);
};

markdown.core.ruler.push('addresses', ({ tokens, ...state }) => {
  const env = state.env as unknown as Env;
  for (const [i, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      const slug = slugOf(tokens[i + 1].children?.map(({ content }) => content).join('') ?? '');
      const before = env.slugs.get(slug) ?? 0;
      env.slugs.set(slug, before + 1);
      token.attrSet('id', before === 0 ? slug : `${slug}-${before}`);
    }
    const [only, ...others] = token.children ?? [];
    if (only?.type === 'image' && others.length === 0) {
      tokens[i - 1].tag = tokens[i + 1].tag = 'div';
      const attributes = { class: 'scroll drawn', tabindex: '0', role: 'group', 'aria-label': only.content };
      for (const [name, value] of Object.entries(attributes)) tokens[i - 1].attrSet(name, value);
    }
    for (const child of token.children ?? []) {
      const name = child.type === 'link_open' ? 'href' : child.type === 'image' ? 'src' : undefined;
      if (name) child.attrSet(name, address(String(child.attrGet(name)), env));
    }
  }
});

/** Two languages side by side, written as a table of HTML. */
markdown.renderer.rules.html_block = (tokens, index) =>
  tokens[index].content.startsWith('<!--')
    ? ''
    : tokens[index].content.replace('<table>', '<table class="phrases">');

/**
 * Renders a page.
 * @param file  its path in the project, which its links are relative to
 * @param page  its path in the site
 * @throws Error where it links to a file that the site does not have
 */
export const renderMarkdown = (text: string, file: string, page: string, pathOf: PathOf): Rendered => {
  const env = {
    file,
    page,
    pathOf,
    slugs: new Map<string, number>(),
    linked: new Set<string>(),
  } satisfies Env;
  const html = markdown.render(text, env);
  const title = /^# (.*)$/m.exec(text)?.[1] ?? file;
  return { title: title.replace(/`/g, ''), html: Html.trusted(html), linked: [...env.linked] };
};

/** A file of code as a page shows it. */
export const renderCode = (title: string, text: string, language: string): Html =>
  Html.trusted(`<h2 id="${slugOf(title)}">${escape(title)}</h2>\n${codeBlock(text, language)}`);
