/**
 * The folder `full`: the published models at full size, made by seed, as `renga verify` checks them; and rows of their
 * Fourier features.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../../lib/data/array.js';
import { toHost } from '../../lib/data/leaf.js';
import { isNode } from '../../lib/engine/wasm/platform.js';
import { type FourierFeatures, fourierFeatures, gridPositions } from '../../modules/fourierPosition.js';
import { verifications } from '../presets/originals.js';
import { type Comparison, verify, type Verification } from '../../presets/verify/verify.js';
import { type Arrays, type Case, readArrays, readJson } from './case.js';
import { type Check, compare, failing } from './compare.js';

const checkOf = ({ what, problem, difference = 0, tolerance = 0 }: Comparison): Check =>
  problem === undefined
    ? { array: what, error: difference, tolerance }
    : { array: what, error: difference || Infinity, tolerance, problem };

const checkPreset = async (path: string): Promise<Check[]> => {
  const report = await verify(readJson(path) as Verification);
  return E.isLeft(report) ? [failing('the case', report.left)] : report.right.comparisons.map(checkOf);
};

/** A grid, and the features of its positions. */
interface Grid extends FourierFeatures {
  readonly indexDims: readonly number[];
}

type Sizes = Readonly<Record<string, number>>;

/** Each grid of `fourier.npz`: the preset that it belongs to, and how its sizes follow from the preset's config. */
const grids: Readonly<Record<string, readonly [preset: string, grid: (config: never) => Grid]>> = {
  audio: [
    'multimodal',
    ({ num_frames, audio_samples_per_frame, samples_per_patch, audio_bands }: Sizes) => {
      const samples = num_frames * audio_samples_per_frame;
      return { indexDims: [samples / samples_per_patch], maxResolution: [samples], numBands: audio_bands };
    },
  ],
  video: [
    'multimodal',
    ({ num_frames, img_sz, image_bands }: Sizes) => {
      const size = [num_frames, img_sz, img_sz];
      return { indexDims: size, maxResolution: size, numBands: image_bands };
    },
  ],
  image: [
    'imagenet-fourier',
    ({ input_preprocessor: { fourier_position_encoding_kwargs: fourier } }: ImageConfig) => ({
      indexDims: fourier.max_resolution,
      maxResolution: fourier.max_resolution,
      numBands: fourier.num_bands,
    }),
  ],
  flow: [
    'flow',
    ({ train_size, num_bands }: { readonly train_size: readonly number[]; readonly num_bands: number }) => ({
      indexDims: train_size,
      maxResolution: train_size,
      numBands: num_bands,
    }),
  ],
};

interface ImageConfig {
  readonly input_preprocessor: {
    readonly fourier_position_encoding_kwargs: {
      readonly max_resolution: readonly number[];
      readonly num_bands: number;
    };
  };
}

/** The grid of a preset at the size of the folder's own verification, or of the published one. */
const gridOf = (folder: string, name: string): Grid => {
  if (!Object.hasOwn(grids, name)) throw new Error(`no grid is known as '${name}'`);
  const [preset, grid] = grids[name];
  const beside = join(folder, `${preset}.json`);
  const { config } = readJson(
    existsSync(beside) ? beside : fileURLToPath(verifications[preset]),
  ) as Verification;
  return grid(config as never);
};

/**
 * Tolerance of features; the original's own programs differ by as much: a position that is one step of
 * float32 away turns the highest frequency by this much.
 */
const featureTolerance = ({ maxResolution }: Grid): number =>
  Math.max(2e-5, (Math.PI * Math.max(...maxResolution)) / 2 / 2 ** 22);

const checkFeatures = async (folder: string, arrays: Arrays, name: string): Promise<Check[]> => {
  const grid = gridOf(folder, name);
  const stored = arrays.get(`${name}/features`) as HostArray;
  const rows = Array.from(arrays.get(`${name}/rows`)?.data ?? [], Number);
  const features = tf.tidy(() =>
    fourierFeatures(tf.gather(gridPositions(grid.indexDims), tf.tensor1d(rows, 'int32')), grid),
  );
  const found = await toHost(features);
  features.dispose();
  return [compare(`${name}/features`, found, stored, featureTolerance(grid))];
};

const featureCases = (folder: string): readonly Case[] => {
  const path = join(folder, 'fourier.npz');
  if (!existsSync(path)) return [];
  const arrays = readArrays(path);
  const names = new Set([...arrays.keys()].map((name) => name.split('/')[0]));
  return [...names].map((name) => ({
    name: `fourier/${name}`,
    ...(!isNode() && { notRun: 'the published sizes are files of the package, which a page has not' }),
    run: () => checkFeatures(folder, arrays, name),
  }));
};

/** The rows of features, which take no time, and then the models. */
export const fullCases = (folder: string): readonly Case[] => [
  ...featureCases(folder),
  ...readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .map((file) => ({ name: file.replace('.json', ''), run: () => checkPreset(join(folder, file)) })),
];
