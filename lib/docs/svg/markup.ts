/**
 * SVG as text: elements, and what has to be escaped in them. No `style` attribute and no script can come out of here by
 * accident, since pages that show the drawings forbid both.
 */
import { escape } from '../escape.js';

export type Attributes = Readonly<Record<string, number | string | undefined>>;

/** A number as drawn: to a hundredth of a pixel. */
const drawn = (value: number | string): string =>
  typeof value === 'number' ? String(Math.round(value * 100) / 100) : escape(value);

/** An element around children that are markup already; attributes without a value are left out. */
export const element = (name: string, attributes: Attributes, ...children: readonly string[]): string => {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${drawn(value!)}"`)
    .join('');
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join('')}</${name}>`;
};

/** One line of text. */
export const textLine = (text: string, attributes: Attributes): string =>
  element('text', attributes, escape(text));

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** The title, in a line. */
  readonly title: string;
  /** The content of the picture in words. */
  readonly description: string;
}

export interface DrawingOptions {
  /** Before ids, so that several drawings can stand in one page. */
  readonly prefix?: string;
  /** With its style and its ground in it, to be looked at alone. */
  readonly standalone?: boolean;
}

/** The drawing whole, with its title and description for those who do not see it. */
export const picture = (
  { width, height, title, description }: Picture,
  { prefix = 'drawing' }: DrawingOptions,
  style: string | undefined,
  content: readonly string[],
): string =>
  element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'drawing',
      viewBox: `0 0 ${Math.ceil(width)} ${Math.ceil(height)}`,
      width: Math.ceil(width),
      height: Math.ceil(height),
      role: 'img',
      'aria-labelledby': `${prefix}-title ${prefix}-description`,
    },
    element('title', { id: `${prefix}-title` }, escape(title)),
    element('desc', { id: `${prefix}-description` }, escape(description)),
    ...(style === undefined
      ? []
      : [
          element('style', {}, style),
          element('rect', { class: 'drawing-ground', width: Math.ceil(width), height: Math.ceil(height) }),
        ]),
    ...content,
  );
