/** Values from DeepMind's colabs and OpenCV for the code around the networks, made by `test/data/colabs.py`. */
import { readFileSync } from 'node:fs';
import type { Picture } from '../../lib/media/picture.js';

interface Sized {
  readonly width: number;
  readonly height: number;
}

export interface Colabs {
  readonly resizes: readonly (Sized & {
    readonly newWidth: number;
    readonly newHeight: number;
    readonly rgb: string;
    readonly cubic: string;
    readonly linear: string;
  })[];
  readonly imagenet: {
    readonly areas: readonly (Sized & { readonly area: readonly number[] })[];
    readonly normalized: string;
    readonly logits: string;
    readonly order: readonly number[];
    readonly probabilities: string;
  };
  readonly flow: Sized & {
    readonly published: readonly (Sized & { readonly tiles: readonly (readonly number[])[] })[];
    readonly tile: readonly [number, number];
    readonly overlap: number;
    readonly first: string;
    readonly second: string;
    readonly tiles: readonly (readonly number[])[];
    readonly flow: string;
    readonly field: string;
    readonly fieldWidth: number;
    readonly fieldHeight: number;
    readonly shown: string;
  };
  readonly frames: readonly (Sized & {
    readonly side: number;
    readonly rgb: string;
    readonly frame: string;
  })[];
}

export const colabs = JSON.parse(readFileSync('test/data/colabs.json', 'utf8')) as Colabs;

export const bytesOf = (packed: string): Uint8Array => Uint8Array.from(Buffer.from(packed, 'base64'));

export const floatsOf = (packed: string): Float32Array => new Float32Array(bytesOf(packed).buffer);

/** An opaque picture of red, green and blue bytes. */
export const pictureOfRgb = ({ width, height }: Sized, rgb: ArrayLike<number>): Picture => {
  const data = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) for (let c = 0; c < 3; c++) data[4 * i + c] = rgb[3 * i + c];
  return { width, height, data };
};

export const rgbOf = ({ data }: Picture): number[] => [...data].filter((_, i) => i % 4 !== 3);

/** The largest difference of two arrays of one length. */
export const difference = (found: ArrayLike<number>, expected: ArrayLike<number>): number => {
  if (found.length !== expected.length) return Infinity;
  return Array.from(found).reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
};
