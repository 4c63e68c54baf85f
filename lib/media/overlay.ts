/**
 * A map of attention over the picture that was looked at: the picture in dim grey, colour where attention is.
 */
import { luma, type Picture, pictureOf } from './picture.js';
import { heat } from './heat.js';

/** Weights that lie on a picture, row by row. */
export interface WeightGrid {
  readonly height: number;
  readonly width: number;
  readonly weights: ArrayLike<number>;
}

/** Weights above which so few are that they would leave all others dark: one in 200. */
const outliers = 0.005;

/** The weight that is drawn brightest. */
export const brightest = ({ weights }: Pick<WeightGrid, 'weights'>): number => {
  const sorted = Float64Array.from(weights).sort();
  return sorted[Math.max(0, Math.ceil((1 - outliers) * sorted.length) - 1)];
};

/** The share of a pixel's colour that is the map's: without attention, and with the most. */
const [least, most] = [0.55, 0.85];

/** The brightness of the picture's white beneath the map, so that it is not taken for attention. */
const dimmed = 0.7;

/** Between the four nearest cells' centres, where a cell is several pixels wide; the border is repeated outward. */
const smoothAt = ({ width, height, weights }: WeightGrid, x: number, y: number): number => {
  const inside = (at: number, length: number) => Math.min(Math.max(at, 0), length - 1);
  const [left, top] = [Math.floor(x - 0.5), Math.floor(y - 0.5)];
  const [across, down] = [x - 0.5 - left, y - 0.5 - top];
  const cell = (dx: number, dy: number) =>
    weights[inside(top + dy, height) * width + inside(left + dx, width)];
  const row = (dy: number) => (1 - across) * cell(0, dy) + across * cell(1, dy);
  return (1 - down) * row(0) + down * row(1);
};

const cellAt = ({ width, weights }: WeightGrid, x: number, y: number): number =>
  weights[Math.floor(y) * width + Math.floor(x)];

export interface OverlayOptions {
  /** The weight that is drawn brightest; that of the map itself if not given. */
  readonly top?: number;
  /** True if colours run from cell to cell. */
  readonly isSmooth?: boolean;
}

/** The picture with the map over it, whatever the size of the map's cells. */
export const overlay = (
  picture: Picture,
  grid: WeightGrid,
  { top = brightest(grid), isSmooth = false }: OverlayOptions = {},
): Picture => {
  const [across, down] = [grid.width / picture.width, grid.height / picture.height];
  const weightAt = isSmooth ? smoothAt : cellAt;
  return pictureOf(picture.width, picture.height, (x, y) => {
    const amount = Math.min(1, weightAt(grid, (x + 0.5) * across, (y + 0.5) * down) / (top || 1));
    const at = 4 * (y * picture.width + x);
    const grey = dimmed * luma.reduce((sum, weight, c) => sum + weight * picture.data[at + c], 0);
    const share = least + (most - least) * amount;
    const [red, green, blue] = heat(amount).map((value) => share * value + (1 - share) * grey);
    return [red, green, blue];
  });
};

/** The scale of the colours: no attention at the bottom, the most at the top. */
export const colourBar = (width: number, height: number): Picture =>
  pictureOf(width, height, (_, y) => heat(1 - y / Math.max(1, height - 1)));
