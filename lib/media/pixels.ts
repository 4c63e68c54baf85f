/** The pixels of a picture as a host array, for networks. */
import { float32, type HostArray } from '../data/array.js';
import { luma, onWhite, type Picture, pixelValues } from './picture.js';
import { resizeCubic } from './resize.js';

/** Sides and channels of a picture's array: 1 channel is luminance, 3 are red, green and blue. */
export type PixelShape = readonly [height: number, width: number, channels: 1 | 3];

const luminance = (colours: Float32Array): Float32Array =>
  Float32Array.from({ length: colours.length / 3 }, (_, i) =>
    luma.reduce((sum, share, c) => sum + share * colours[3 * i + c], 0),
  );

/**
 * The pixels of a picture, resized bicubically: float32 [height, width, channels] from 0 to 1. Transparent parts are white.
 * The proportions are those of the shape; a part cut out by `crop` before keeps the picture's own.
 * @throws RangeError for sides that are no whole numbers from 1, and for channels other than 1 and 3
 * @example pixelsOf(picture, [224, 224, 3])
 */
export const pixelsOf = (picture: Picture, shape: PixelShape): HostArray<'float32'> => {
  const [height, width, channels] = shape;
  const areSides = [height, width].every((side) => Number.isInteger(side) && side > 0);
  if (!areSides || ![1, 3].includes(channels) || shape.length !== 3)
    throw new RangeError(`pixelsOf: shape is [${shape.join(', ')}], expected [height, width, 1 or 3]`);
  const flat = onWhite(picture);
  const isSize = flat.width === width && flat.height === height;
  const colours = pixelValues(isSize ? flat : resizeCubic(flat, width, height), (value) => value / 255);
  return float32([...shape], channels === 3 ? colours : luminance(colours));
};
