/**
 * From a pen's strokes to the 8 × 8 picture that the digits model was trained on, made as the data set was: the digit
 * fills a bitmap of 32 × 32, and each pixel of the picture counts the ink in 4 × 4 of its bits.
 * Source: UCI optical recognition of handwritten digits, `optdigits.names`.
 */

/** A place on the pad, in any unit. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** The path of the pen from pen down to pen up. */
export type Stroke = readonly Point[];

/** Pixels of a picture's side, and bits of the bitmap's. */
export const side = 8;
const bits = 32;
const bitsOfPixel = bits / side;

/**
 * Bits with ink. The data set's digits have as much of it each, whichever they are: 312 of 1,024, with a standard
 * deviation of 34 over the held-out ones. The pen is made as wide as that takes.
 */
const ink = 312;

/** Widest and narrowest pen, in bits. */
const pens = { narrowest: 2.5, widest: 10 } as const;

/** Narrower than this is not made as wide as the bitmap: a one stays a one. Of the pad's side. */
const smallest = 0.12;

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const boxOf = (points: readonly Point[]): Box => {
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { left, top, width: Math.max(...xs) - left, height: Math.max(...ys) - top };
};

/** Strokes moved and scaled so that what a pen of that width draws fills the bitmap, its proportions kept. */
const fitted = (strokes: readonly Stroke[], padSide: number, pen: number): readonly Stroke[] => {
  const { left, top, width, height } = boxOf(strokes.flat());
  const scale = (bits - pen) / Math.max(width, height, smallest * padSide);
  const [centerX, centerY] = [left + width / 2, top + height / 2];
  return strokes.map((stroke) =>
    stroke.map(({ x, y }) => ({
      x: (x - centerX) * scale + bits / 2,
      y: (y - centerY) * scale + bits / 2,
    })),
  );
};

/** Squared distance of a point from a line between two others. */
const distance = (x: number, y: number, a: Point, b: Point): number => {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / length));
  return (x - a.x - along * dx) ** 2 + (y - a.y - along * dy) ** 2;
};

/** Sets the bits within half a pen's width of a line. */
const drawLine = (bitmap: Uint8Array, a: Point, b: Point, pen: number): void => {
  const reach = pen / 2;
  const first = (from: number, to: number) => Math.max(0, Math.floor(Math.min(from, to) - reach));
  const last = (from: number, to: number) => Math.min(bits - 1, Math.ceil(Math.max(from, to) + reach));
  for (let row = first(a.y, b.y); row <= last(a.y, b.y); row++)
    for (let column = first(a.x, b.x); column <= last(a.x, b.x); column++)
      if (distance(column + 0.5, row + 0.5, a, b) <= reach * reach) bitmap[row * bits + column] = 1;
};

/** The bitmap [32, 32] of strokes by a pen of that width. */
const bitmapOf = (strokes: readonly Stroke[], padSide: number, pen: number): Uint8Array => {
  const bitmap = new Uint8Array(bits * bits);
  for (const stroke of fitted(strokes, padSide, pen))
    stroke.forEach((point, i) => drawLine(bitmap, stroke[Math.max(0, i - 1)], point, pen));
  return bitmap;
};

const count = (bitmap: Uint8Array): number => bitmap.reduce((sum, bit) => sum + bit, 0);

/** The bitmap whose ink is nearest to the data set's: ink grows with the pen, so the pen is found by halving. */
const inkedBitmap = (strokes: readonly Stroke[], padSide: number): Uint8Array => {
  let [low, high]: [number, number] = [pens.narrowest, pens.widest];
  for (let i = 0; i < 6; i++) {
    const pen = (low + high) / 2;
    if (count(bitmapOf(strokes, padSide, pen)) < ink) low = pen;
    else high = pen;
  }
  return bitmapOf(strokes, padSide, (low + high) / 2);
};

/** A picture [8, 8] without ink. */
export const emptyPicture = (): Float32Array => new Float32Array(side * side);

/**
 * The picture of strokes: from 0, empty, to 1, ink, in sixteenths; row by row.
 * @param padSide  the side of the square that was drawn on, in the points' unit
 */
export const pictureOf = (strokes: readonly Stroke[], padSide: number): Float32Array => {
  const picture = emptyPicture();
  if (!strokes.some((stroke) => stroke.length)) return picture;
  inkedBitmap(strokes, padSide).forEach((bit, i) => {
    const [row, column] = [Math.floor(i / bits), i % bits];
    const pixel = Math.floor(row / bitsOfPixel) * side + Math.floor(column / bitsOfPixel);
    picture[pixel] += bit / bitsOfPixel ** 2;
  });
  return picture;
};
