/** Positions and their Fourier features: by hand, and bit by bit as the compiled original rounds them. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { engine } from '../../lib/engine/index.js';
import { pointPositions } from '../../modules/basicDecoder.js';
import { fourierFeatures, gridPositions, linspace } from '../../modules/fourierPosition.js';

await engine();

const bitsOf = (values: ArrayLike<number>): Int32Array => new Int32Array(Float32Array.from(values).buffer);

/** Bits, one after the other, as one number. */
const digest = (values: ArrayLike<number>): number =>
  bitsOf(values).reduce((hash, bits) => (Math.imul(hash, 31) + bits) | 0, 0);

const span = (start: number, stop: number): number[] =>
  Array.from({ length: stop - start }, (_, i) => start + i);

t.test('both ends are there, and numbers between are evenly spaced', async (t) => {
  t.same([...linspace(-1, 1, 5)], [-1, -0.5, 0, 0.5, 1]);
  t.same([...linspace(1, 4, 4)], [1, 2, 3, 4]);
  t.same([...linspace(3, 9, 1)], [3]);
});

t.test('a grid lists its positions with the last dimension fastest', async (t) => {
  const grid = gridPositions([2, 3]);
  t.same(grid.shape, [6, 2]);
  t.same([...grid.dataSync()], [-1, -1, -1, 0, -1, 1, 1, -1, 1, 0, 1, 1]);
});

t.test("the published models' positions are those of the compiled originals, bit by bit", async (t) => {
  const digests = { 16: 1528003538, 56: -1550872425, 368: -915973937, 496: 1505726557, 1920: -834593066 };
  for (const [points, expected] of Object.entries(digests))
    t.equal(digest(linspace(-1, 1, Number(points))), expected, points);
  const [audio, image] = [
    pointPositions(span(1155, 1170), [1920]),
    pointPositions(span(482_944, 489_216), [16, 224, 224]),
  ];
  t.equal(digest(audio.dataSync()), 413667195, 'points of an audio clip');
  t.equal(digest(image.dataSync()), 570519460, 'points of a video');
});

t.test('features of high frequencies are those of the compiled original', async (t) => {
  // Audio positions of the multimodal model, where one rounding more or less makes the largest difference.
  const expected: readonly (readonly [position: number, channel: number, feature: number])[] = [
    [126, 171, -0.06669],
    [295, 352, -0.148582],
    [1910, 136, 0.000864],
    [1676, 374, -0.02572],
    [407, 328, 0.282742],
    [1562, 105, 0.07796],
    [1807, 296, -0.533506],
    [1319, 192, 0.006346],
  ];
  const features = fourierFeatures(gridPositions([1920]), { numBands: 192, maxResolution: [30_720] });
  t.same(features.shape, [1920, 385]);
  const values = features.dataSync();
  for (const [position, channel, feature] of expected) {
    const found = values[position * 385 + channel];
    t.ok(Math.abs(found - feature) < 2e-6, `position ${position}, channel ${channel}: ${found}`);
  }
});

t.test('positions come first, then sines, then cosines, dimension by dimension', async (t) => {
  const pos = tf.tensor2d([0.5, -1], [1, 2]);
  const close = (found: tf.Tensor, expected: number[]) => {
    t.same(found.shape, [1, expected.length]);
    t.ok(found.dataSync<'float32'>().every((x, i) => Math.abs(x - expected[i]) < 1e-6));
  };
  const sines = [1, 0, 0, 0]; // sin π/2, sin π, sin −π, sin −3π
  const cosines = [0, -1, -1, -1];
  const features = { numBands: 2, maxResolution: [4, 6] };
  close(fourierFeatures(pos, features), [0.5, -1, ...sines, ...cosines]);
  close(fourierFeatures(pos, { ...features, concatPos: false }), [...sines, ...cosines]);
  close(fourierFeatures(pos, { ...features, sineOnly: true }), [0.5, -1, ...sines]);
});

t.test('points outside the grid, and positions of other dimensions, are refused', async (t) => {
  t.throws(() => pointPositions([12], [3, 4]), /point 0 is 12, expected a whole number from 0 to 11/);
  t.throws(() => pointPositions([0, 1.5], [3, 4]), /point 1 is 1.5/);
  t.throws(() => fourierFeatures(tf.zeros([2, 3]), { numBands: 2, maxResolution: [4, 4] }), /pos has shape/);
});
