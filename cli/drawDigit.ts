/** Small grey pictures as characters for a terminal: two rows of pixels a line, without colours. */
import type { GreyPicture } from '../presets/digits/run.js';

/** Characters from no ink to full ink, for two rows of the same shade. */
const shades = [' ', '░', '▒', '▓', '█'];

/** The character of an upper and a lower pixel with these shades. */
const character = (upper: number, lower: number): string => {
  if (Math.abs(upper - lower) <= 1) return shades[Math.round((upper + lower) / 2)];
  if (upper > lower) return lower >= 2 ? '▓' : '▀';
  return upper >= 2 ? '▓' : '▄';
};

/** A picture as lines of text, half as many as it has rows; each pixel is one character wide. */
export const drawDigit = ({ width, height, data }: GreyPicture): string => {
  const shade = (x: number, y: number) =>
    y < height ? Math.round(Math.min(Math.max(data[y * width + x], 0), 1) * (shades.length - 1)) : 0;
  return Array.from({ length: Math.ceil(height / 2) }, (_, line) =>
    Array.from({ length: width }, (_, x) => character(shade(x, 2 * line), shade(x, 2 * line + 1))).join(''),
  ).join('\n');
};
