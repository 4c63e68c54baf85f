/**
 * Markdown of people as HTML: no HTML in it is taken as such, nothing is fetched, papers and addresses become links, and alignment is by classes, since
 * pages allow no styles in their elements.
 */
import markdownIt from 'markdown-it';
import { codeBlock } from './code.js';
import { Html } from './html.js';

/** The length of the link that begins at a place of a text; 0 without a link. */
const matchLength = (pattern: RegExp) => (text: string, start: number) => {
  pattern.lastIndex = start;
  return pattern.exec(text)?.[0].length ?? 0;
};

/** A renderer of Markdown whose code is coloured, whose tables scroll, and which aligns by classes. */
export const markdownRenderer = (options: { readonly html: boolean; readonly linkify?: boolean }) => {
  const markdown = markdownIt(options);
  const { rules } = markdown.renderer;
  rules.fence = (tokens, index) => {
    const { content, info } = tokens[index];
    return codeBlock(content, info.trim().split(/\s+/)[0] || undefined).toString();
  };
  rules.table_open = () => '<div class="scroll" tabindex="0" role="group" aria-label="Table">\n<table>\n';
  rules.table_close = () => '</table>\n</div>\n';
  for (const rule of ['th_open', 'td_open'] as const)
    rules[rule] = (tokens, index) => {
      const isNumeric = /right/.test(String(tokens[index].attrGet('style') ?? ''));
      return `<${tokens[index].tag}${isNumeric ? ' class="number"' : ''}>`;
    };
  return markdown;
};

const markdown = markdownRenderer({ html: false, linkify: true }).disable('image');
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
markdown.linkify
  .add('//', null)
  .add('ftp:', null)
  .add('mailto:', null)
  .add('arxiv:', {
    validate: matchLength(/\d{4}\.\d{4,5}/y),
    normalize: (match) => {
      match.url = match.url.replace(/^arXiv:/i, 'https://arxiv.org/abs/');
    },
  })
  .add('doi:', {
    validate: matchLength(/10\.\d{4,}\/[^\s;,)]*[^\s;,.)]/y),
    normalize: (match) => {
      match.url = match.url.replace(/^doi:/i, 'https://doi.org/');
    },
  });

/** A number and its unit, which stay on one line. */
const quantity = /(\d) (?=(?:[kMGTPE]?(?:B|FLOP)|[kMG]|ms|s|dB|Hz|kHz)\b|%)/g;

markdown.core.ruler.push('quantities', ({ tokens }) => {
  for (const { children } of tokens)
    for (const token of children ?? [])
      if (token.type === 'text') token.content = token.content.replace(quantity, '$1\u00a0');
});

/** Paragraphs, lists, tables, code. */
export const prose = (text: string): Html => Html.trusted(markdown.render(text));

/** A text within a line. */
export const inlineProse = (text: string): Html => Html.trusted(markdown.renderInline(text));
