/**
 * Markdown of people as HTML: no HTML in it is taken as such, nothing is fetched, and alignment is by classes, since
 * pages allow no styles in their elements.
 */
import markdownIt from 'markdown-it';
import { codeBlock } from './code.js';
import { Html } from './html.js';

const markdown = markdownIt({ html: false, linkify: true }).disable('image');
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });

markdown.renderer.rules.fence = (tokens, index) =>
  codeBlock(tokens[index].content, tokens[index].info.trim().split(/\s+/)[0] || undefined).toString();

markdown.renderer.rules.table_open = () =>
  '<div class="scroll" tabindex="0" role="region" aria-label="Table">\n<table>\n';
markdown.renderer.rules.table_close = () => '</table>\n</div>\n';

for (const rule of ['th_open', 'td_open'] as const) {
  markdown.renderer.rules[rule] = (tokens, index) => {
    const isNumeric = /right/.test(String(tokens[index].attrGet('style') ?? ''));
    return `<${tokens[index].tag}${isNumeric ? ' class="number"' : ''}>`;
  };
}

/** Paragraphs, lists, tables, code. */
export const prose = (text: string): Html => Html.trusted(markdown.render(text));

/** A text within a line. */
export const inlineProse = (text: string): Html => Html.trusted(markdown.renderInline(text));
