/**
 * RandAugment: some operations of sixteen, one after the other, all of one magnitude.
 * Source: arXiv:1909.13719; deepmind-research `perceiver/train/autoaugment.py`, `distort_image_with_randaugment`.
 */
import { expectKnown } from '../../data/nearest.js';
import type { Picture } from '../../media/picture.js';
import { foldIn, type Key, randint, uniform } from '../../random/index.js';
import {
  autoContrast,
  brightness,
  colour,
  contrast,
  equalize,
  invert,
  posterize,
  sharpness,
  solarize,
  solarizeAdd,
} from './colours.js';
import { cutout, expectPicture, rotate, shearX, shearY, translateX, translateY } from './geometry.js';

export interface RandAugmentOptions {
  /** Operations in a row; 4 if not given. */
  readonly numLayers?: number;
  /** The strength of every operation, from 0 to 10; 5 if not given. */
  readonly magnitude?: number;
}

/** An operation at a level from 0 to 1. The key decides directions and places. */
type Operation = (picture: Picture, level: number, key: Key) => Picture;

/** The value, or its negative, with equal probability. */
const eitherWay = (value: number, key: Key): number => (uniform(key, []).data[0] < 0.5 ? -value : value);

const enhanced =
  (f: (picture: Picture, factor: number) => Picture): Operation =>
  (picture, level) =>
    f(picture, level * 1.8 + 0.1);

const moved =
  (f: (picture: Picture, amount: number) => Picture, most: number): Operation =>
  (picture, level, key) =>
    f(picture, eitherWay(level * most, key));

/** The operations by DeepMind's names, in DeepMind's order. Enhancements of level 1/2 leave a picture as it is. */
export const operations: Readonly<Record<string, Operation>> = {
  AutoContrast: autoContrast,
  Equalize: equalize,
  Invert: invert,
  Rotate: moved(rotate, 30),
  Posterize: (picture, level) => posterize(picture, Math.trunc(level * 4)),
  Solarize: (picture, level) => solarize(picture, Math.trunc(level * 256)),
  Color: enhanced(colour),
  Contrast: enhanced(contrast),
  Brightness: enhanced(brightness),
  Sharpness: enhanced(sharpness),
  ShearX: moved(shearX, 0.3),
  ShearY: moved(shearY, 0.3),
  TranslateX: moved(translateX, 100),
  TranslateY: moved(translateY, 100),
  Cutout: (picture, level, key) => cutout(picture, Math.trunc(level * 40), key),
  SolarizeAdd: (picture, level) => solarizeAdd(picture, Math.trunc(level * 110)),
};

const all = Object.values(operations);

/**
 * A picture after random operations.
 * @throws RangeError for a magnitude outside of 0 to 10, or layers that are no whole number from 0
 */
export const randAugment = (picture: Picture, key: Key, options: RandAugmentOptions = {}): Picture => {
  const { numLayers = 4, magnitude = 5 } = options;
  expectKnown('randAugment', options, ['numLayers', 'magnitude']);
  if (!(magnitude >= 0 && magnitude <= 10))
    throw new RangeError(`randAugment: magnitude is ${magnitude}, expected a number from 0 to 10`);
  if (!Number.isInteger(numLayers) || numLayers < 0)
    throw new RangeError(`randAugment: numLayers is ${numLayers}, expected a whole number from 0`);
  expectPicture('randAugment', picture);
  return Array.from({ length: numLayers }).reduce<Picture>((before, _, layer) => {
    const own = foldIn(key, layer);
    const choice = randint(foldIn(own, 0), [], 0, all.length).data[0];
    return all[choice](before, magnitude / 10, foldIn(own, 1));
  }, picture);
};
