/**
 * A text as bytes in HTML, each in the colour of a quantity. Colours are classes, ten steps from `heat-0` to
 * `heat-9` and from `sure-0` to `sure-9`, so that pages that forbid styles in attributes can show it.
 */

import { escape } from '../../lib/docs/escape.js';

/** The quantity that a colour shows. */
export type Scale = 'heat' | 'sure';

/** One byte of a text. */
export interface ByteCell {
  readonly byte: number;
  /** The colour, from 0 to 1; undefined for none. */
  readonly amount?: number;
  /** The scale of colours: `heat`, attention, by default; `sure`, a model's probability. */
  readonly scale?: Scale;
  /** The tooltip. */
  readonly title?: string;
  /** Classes of the byte's element beside the colour's. */
  readonly classes?: readonly string[];
}

/** Number of colours. */
export const numHeats = 10;

/** The class of an amount from 0 to 1. */
export const colourClass = (amount: number, scale: Scale = 'heat'): string =>
  `${scale}-${Math.min(numHeats - 1, Math.max(0, Math.floor(amount * numHeats)))}`;

/** `0x0a` */
export const hex = (byte: number): string => `0x${byte.toString(16).padStart(2, '0')}`;

/** The number of bytes of a UTF-8 character that begins with a byte; 1 if none does. */
const lengthOf = (byte: number): number => (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1);

/** The text of a byte: its character, a mark for bytes without one, nothing for continuation bytes. */
const signs = (bytes: readonly number[]): readonly string[] => {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const shown = bytes.map((byte) => (byte === 0x20 ? '␣' : byte === 0x0a ? '⏎' : hex(byte).slice(2)));
  for (let i = 0; i < bytes.length;) {
    const length = lengthOf(bytes[i]);
    const whole = Uint8Array.from(bytes.slice(i, i + length));
    try {
      const character = decoder.decode(whole);
      if (character !== '' && !/[\p{C}\p{Z}]/u.test(character)) {
        shown[i] = character;
        shown.fill('', i + 1, i + length);
      }
      i += length;
    } catch {
      i++; // No character begins here: the byte is shown as a number.
    }
  }
  return shown;
};

const cellOf = ({ byte, amount, scale, title, classes = [] }: ByteCell, sign: string): string => {
  const isMark = byte === 0x20 || byte === 0x0a || (sign.length === 2 && sign === hex(byte).slice(2));
  const names = [
    'byte',
    ...(amount === undefined ? [] : [colourClass(amount, scale)]),
    ...(isMark ? ['mark'] : []),
    ...(sign === '' ? ['more'] : []),
    ...classes,
  ];
  const said = title === undefined ? '' : ` title="${escape(title)}"`;
  return `<span class="${names.join(' ')}"${said}>${escape(sign)}</span>`;
};

/** The ends of words: behind spaces and line ends. */
const wordsOf = (cells: readonly string[], bytes: readonly number[]): readonly string[] => {
  const found: string[] = [''];
  cells.forEach((cell, i) => {
    found[found.length - 1] += cell;
    if (bytes[i] === 0x20 || bytes[i] === 0x0a) found.push('');
  });
  return found.filter((word) => word !== '');
};

/** A row of bytes. Lines break at the text's line ends, and behind words. */
export const bytesLine = (cells: readonly ByteCell[]): string => {
  const bytes = cells.map(({ byte }) => byte);
  const shown = signs(bytes);
  const words = wordsOf(
    cells.map((cell, i) => cellOf(cell, shown[i])),
    bytes,
  );
  return words.map((word) => `<span class="word">${word}</span>${word.includes('⏎') ? '<br>' : ''}`).join('');
};

/** Opacity of the colours, so that text over them is legible on light and on dark paper: 4.5 to 1 and more. */
const mostOpaque = 0.62;

const colours = (name: string, colour: string): readonly string[] =>
  Array.from(
    { length: numHeats },
    (_, i) =>
      `.bytes .${name}-${i} { background: rgb(${colour} / ${((mostOpaque * i) / (numHeats - 1)).toFixed(2)}); }`,
  );

/** The style of bytes; it touches nothing else of a page. */
export const bytesStyle = [
  '.bytes { font: 1rem/2 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }',
  '.bytes .byte { display: inline-block; box-sizing: border-box; min-width: 0.68em; height: 1.65em; padding: 0 1px; line-height: 1.6em; text-align: center; vertical-align: top; margin-bottom: 0.3em; }',
  '.bytes .word { display: inline-block; max-width: 100%; vertical-align: top; }',
  '.bytes .byte.mark { font-weight: 400; letter-spacing: -0.06em; }',
  '.bytes .byte.more { min-width: 0.3em; }',
  '.bytes .byte.blank { font-weight: 700; border-bottom: 3px solid currentColor; }',
  '.bytes .byte.wrong { border-bottom-style: dotted; }',
  ...colours('heat', '222 96 0'),
  ...colours('sure', '0 120 200'),
].join('\n');
