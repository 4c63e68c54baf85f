/**
 * HTML that is safe by how it is written: what a template inserts is escaped, and only `Html` goes in as it is. Escaped
 * is what ends a text or an attribute in quotes; attributes without quotes are not written anywhere.
 */
import { escape } from '../escape.js';

/** A piece of HTML. */
export class Html {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /** HTML that somebody trusted wrote: a stylesheet's SVG, a Markdown renderer. */
  static trusted(text: string): Html {
    return new Html(text);
  }

  toString(): string {
    return this.#text;
  }
}

/** A value that a template takes: text, a number, HTML, or a list of these; undefined and false write nothing. */
export type Inserted = string | number | Html | undefined | false | readonly Inserted[];

const write = (value: Inserted): string => {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  return typeof value === 'object' ? value.map(write).join('') : escape(String(value));
};

/** Templates are set in as code is; pages need none of that. */
const withoutIndents = new WeakMap<TemplateStringsArray, readonly string[]>();

const partsOf = (template: TemplateStringsArray): readonly string[] => {
  const known = withoutIndents.get(template);
  if (known) return known;
  const parts = template.map((part) => part.replace(/\s*\n\s*/g, '\n'));
  withoutIndents.set(template, parts);
  return parts;
};

/**
 * A piece of HTML from a template.
 * @example html`<p>${'a < b'}</p>`.toString() // '<p>a &lt; b</p>'
 */
export const html = (template: TemplateStringsArray, ...values: readonly Inserted[]): Html =>
  Html.trusted(
    partsOf(template)
      .map((part, i) => part + (i < values.length ? write(values[i]) : ''))
      .join(''),
  );

/** Pieces with something between them. */
export const joined = (pieces: readonly Inserted[], between: Inserted): Html =>
  html`${pieces.map((piece, i) => (i === 0 ? piece : [between, piece]))}`;
