/**
 * Flow as arrows over the picture that it begins in, and the legend of flow's colours. An arrow is as long as the way that
 * its pixel goes.
 */
import { type Picture, pictureOf } from '../../../lib/media/picture.js';
import type { Flow } from '../run.js';
import { flowPicture, fullColour } from './colours.js';

/** Pixels between arrows, and the length of the strokes of a head. */
const [step, head] = [16, 4];

/** Ways shorter than this have no direction to see: a dot. */
const shortest = 0.5;

/** Weights of red, green and blue in a grey value. Source: ITU-R BT.601. */
const luma = [0.299, 0.587, 0.114];

type Colour = readonly [red: number, green: number, blue: number];

/** Calls `paint` for each pixel of a line, its ends rounded to pixels. */
const onLine = (
  [x0, y0]: readonly [number, number],
  [x1, y1]: readonly [number, number],
  paint: (x: number, y: number) => void,
): void => {
  const length = Math.max(1, Math.ceil(Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0))));
  for (let i = 0; i <= length; i++) {
    const share = i / length;
    paint(Math.round(x0 + share * (x1 - x0)), Math.round(y0 + share * (y1 - y0)));
  }
};

/** The colour of a direction, at full strength. */
const colourOf = (x: number, y: number): Colour => {
  const length = Math.hypot(x, y) || 1;
  const { data } = flowPicture([(x / length) * fullColour, (y / length) * fullColour], {
    width: 1,
    height: 1,
  });
  return [data[0], data[1], data[2]];
};

/**
 * Arrows of a flow, one for each square of 16 pixels, over the picture in pale grey. Their colours are those of the
 * directions in `flowPicture`.
 */
export const flowArrows = (picture: Picture, { width, height, data }: Flow): Picture => {
  const pale = pictureOf(width, height, (x, y) => {
    const at = 4 * (y * width + x);
    const grey = 120 + 0.5 * luma.reduce((sum, weight, c) => sum + weight * picture.data[at + c], 0);
    return [grey, grey, grey];
  });
  const pixels = Uint8ClampedArray.from(pale.data);
  const painter =
    (colour: Colour) =>
    (x: number, y: number): void => {
      if (x >= 0 && x < width && y >= 0 && y < height) pixels.set(colour, 4 * (y * width + x));
    };
  for (let y = step / 2; y < height; y += step)
    for (let x = step / 2; x < width; x += step) {
      const [dx, dy] = [data[2 * (y * width + x)], data[2 * (y * width + x) + 1]];
      const length = Math.hypot(dx, dy);
      if (!(length >= shortest)) {
        painter([70, 70, 70])(x, y);
        continue;
      }
      const paint = painter(colourOf(dx, dy).map((value) => 0.7 * value) as unknown as Colour);
      const end = [x + dx, y + dy] as const;
      onLine([x, y], end, paint);
      const size = Math.min(head, length);
      for (const turn of [0.8, -0.8]) {
        const angle = Math.atan2(dy, dx) + Math.PI + turn / 2;
        onLine(end, [end[0] + size * Math.cos(angle), end[1] + size * Math.sin(angle)], paint);
      }
    }
  return { width, height, data: pixels };
};

/** The colours of all ways up to 24 pixels, as a disc whose middle stands still; what is longer has the edge's colour. */
export const flowLegend = (radius = 40): Picture => {
  const side = 2 * radius + 1;
  const ways = Float32Array.from({ length: 2 * side * side }, (_, i) => {
    const at = i >> 1;
    const [x, y] = [(at % side) - radius, Math.floor(at / side) - radius];
    if (Math.hypot(x, y) > radius) return 0;
    return ((i % 2 === 0 ? x : y) / radius) * fullColour;
  });
  return flowPicture(ways, { width: side, height: side });
};
