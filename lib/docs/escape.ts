/** Text as HTML and SVG hold it, between tags or in an attribute in quotes. */
import { printable } from '../data/printable.js';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes a text; characters that XML cannot hold become U+FFFD, marks that turn text round are spelled. */
export const escape = (text: string): string =>
  printable(text.replace(/[^\t\n\r\P{Cc}]|\p{Cs}|[\ufffe\uffff]/gu, '\ufffd')).replace(
    /[&<>"']/g,
    (character) => entities[character],
  );
