/**
 * The width of text, estimated without a browser from the widest of the usual sans fonts, with a margin, so that text
 * also fits in a substitute font. Monospace is exact: every character has the same width.
 */

/** Advance widths of DejaVu Sans in thousandths of an em, and the characters that have them; others are in `ordinary`. */
const advances: readonly (readonly [width: number, characters: string])[] = [
  [295, 'IJijl'],
  [340, " ',./:;\\|·’"],
  [365, 'f-'],
  [415, '!()[]²rt'],
  [535, '"*?_`sz–'],
  [592, 'FLckvxy'],
  [700, 'ABCKRVXZ'],
  [755, 'HNU'],
  [790, 'DGOQ&'],
  [840, '#+<=>^~×≤→w'],
  [1000, '%@MWm…'],
];
const ordinary = 640;
/** Of characters that are not in Latin, Greek or Cyrillic. */
const wide = 1050;
const margin = 1.02;
/** Of an em; the usual monospace fonts have 0.55 to 0.602. */
const monospace = 0.605;

const advanceOf = new Map(
  advances.flatMap(([width, characters]) => [...characters].map((character) => [character, width] as const)),
);

const advance = (character: string): number => {
  const known = advanceOf.get(character);
  if (known !== undefined) return known;
  return character.codePointAt(0)! < 0x500 ? ordinary : wide;
};

export type Face = 'mono' | 'sans';

/** Of one line in a sans font, in pixels: at least as wide as it will be. */
const sansWidth = (text: string, size: number): number =>
  ([...text].reduce((total, character) => total + advance(character), 0) / 1000) * size * margin;

const monoWidth = (text: string, size: number): number =>
  [...text].reduce(
    (total, character) => total + (character.codePointAt(0)! < 0x2500 ? monospace : 2 * monospace),
    0,
  ) * size;

/**
 * Width of one line, in pixels; what is drawn is as wide or a little less.
 * @param size  of the font, in pixels
 */
export const textWidth = (text: string, face: Face, size: number): number =>
  face === 'mono' ? monoWidth(text, size) : sansWidth(text, size);

/** The end of a text after an ellipsis, where all of it is wider than `most` pixels. */
export const elide = (text: string, most: number, face: Face, size: number): string => {
  if (textWidth(text, face, size) <= most) return text;
  const characters = [...text];
  while (characters.length > 1 && textWidth(`…${characters.join('')}`, face, size) > most) characters.shift();
  return `…${characters.join('')}`;
};

const broken = (words: readonly string[], most: number, face: Face, size: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of words) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && textWidth(longer, face, size) <= most) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
};

/** Lines of at most `most` pixels and of much the same width, broken at spaces; a word that is wider is elided. */
export const wrap = (text: string, most: number, face: Face, size: number): readonly string[] => {
  const words = text.split(' ').map((word) => elide(word, most, face, size));
  let lines = broken(words, most, face, size);
  for (let narrower = most - 4; lines.length > 1; narrower -= 4) {
    const next = broken(words, narrower, face, size);
    const isWithin = next.every((line) => textWidth(line, face, size) <= narrower);
    if (next.length > lines.length || !isWithin) break;
    lines = next;
  }
  return lines;
};
