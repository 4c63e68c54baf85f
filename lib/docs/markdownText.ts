/**
 * Pieces of Markdown: text that means nothing but itself, code, tables, blocks.
 */
import type { Snippet } from './about.js';

/** Text with all that Markdown or HTML would take as more than text. */
export const plainText = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|~&!]/g, '\\$&');

/** Text as code within a line. */
export const codeText = (text: string): string => {
  const flat = text.replace(/\s+/g, ' ');
  const ticks = '`'.repeat(1 + Math.max(0, ...(flat.match(/`+/g) ?? []).map(({ length }) => length)));
  const space = /^`|`$/.test(flat) ? ' ' : '';
  return flat === '' ? '' : ticks + space + flat + space + ticks;
};

/** An address as a link, or its text where a browser would not open it as a page. */
export const addressText = (address: string): string =>
  /^https?:\/\/[^\s<>]+$/.test(address) ? `<${address}>` : plainText(address);

/** Markdown without HTML: outside of code, each `<` is escaped. */
export const withoutHtml = (markdown: string): string =>
  markdown
    .split(/(`+[^`]*`+)/)
    .map((part, i) => (i % 2 ? part : part.replace(/<(?!https?:)/g, '\\<')))
    .join('');

/** Markdown in one line, with escaped bars, for a cell of a table. */
const cellText = (markdown: string): string => markdown.replace(/\s*\n\s*/g, ' ').replace(/\\?\|/g, '\\|');

/** A table; columns whose title ends with `:` hold numbers. */
export const tableText = (titles: readonly string[], rows: readonly (readonly string[])[]): string => {
  const line = (cells: readonly string[]) => `| ${cells.map(cellText).join(' | ')} |`;
  return [
    line(titles.map((title) => title.replace(/:$/, ''))),
    `| ${titles.map((title) => (title.endsWith(':') ? '--:' : '---')).join(' | ')} |`,
    ...rows.map(line),
  ].join('\n');
};

/** A block of code. */
export const codeBlockText = (
  code: string,
  language: Snippet['language'] | 'json' | 'bibtex' | '',
): string => {
  const fence = '`'.repeat(Math.max(3, ...(code.match(/`+/g) ?? []).map(({ length }) => length + 1)));
  return `${fence}${language}\n${code.trimEnd()}\n${fence}`;
};

/** Paragraphs, those that are there. */
export const paragraphs = (...texts: readonly (string | undefined | false)[]): string =>
  texts.filter((text) => text !== undefined && text !== false && text !== '').join('\n\n');

/** A heading and what is under it, where something is. */
export const under = (heading: string, ...texts: readonly (string | undefined | false)[]): string => {
  const content = paragraphs(...texts);
  return content && `${heading}\n\n${content}`;
};
