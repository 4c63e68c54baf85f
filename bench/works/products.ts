/**
 * Matrix products at the shapes of the published models, and those of their gradients; of the small `words`, in batches of 16.
 */
import type { Ops } from '../ops.js';
import type { Work } from '../work.js';
import { kernel, numbers, type Table } from './shapes.js';

/** A linear layer's product and bias, weights that stay: [M, K] · [K, N] + [N]. */
const linears: Table<[m: number, k: number, n: number]> = [
  ['ImageNet latents', 512, 1024, 1024],
  ['language latents', 256, 1280, 1280],
  ['language queries', 256, 1280, 256],
  ['language inputs', 2048, 768, 1280],
  ['language outputs', 2048, 768, 768],
  ['flow latents', 2048, 512, 512],
  ['multimodal latents', 784, 512, 512],
  ['ImageNet Fourier inputs', 50176, 261, 261],
  ['ImageNet learned inputs', 50176, 512, 512],
  ['ImageNet conv inputs', 3136, 322, 322],
  ['multimodal inputs', 52097, 704, 704],
  ['multimodal queries', 6288, 1026, 1026],
  ['multimodal pixels', 6272, 512, 3],
  ['flow patches', 182528, 54, 64],
  ['flow inputs', 182528, 322, 322],
  ['flow outputs', 182528, 322, 2],
  ['ImageNet logits', 1, 1024, 1000],
  ['words latents', 512, 192, 192],
  ['words keys', 512, 192, 64],
  ['words inputs', 1024, 96, 64],
  ['words logits', 1024, 96, 262],
];

/** Products of two inputs, a batch of them, one or the other transposed. */
const batched: Table<
  [count: number, m: number, k: number, n: number, transposeA: boolean, transposeB: boolean]
> = [
  ['ImageNet scores', 8, 512, 128, 512, false, true],
  ['ImageNet values', 8, 512, 512, 128, false, false],
  ['language scores', 8, 256, 32, 256, false, true],
  ['language values', 8, 256, 256, 160, false, false],
  ['language cross scores', 8, 256, 32, 2048, false, true],
  ['flow scores', 16, 2048, 32, 2048, false, true],
  ['flow values', 16, 2048, 2048, 32, false, false],
  ['multimodal scores', 8, 784, 64, 784, false, true],
  ['ImageNet Fourier cross scores', 1, 512, 261, 50176, false, true],
  ['language logits', 1, 2048, 768, 262, false, true],
  ['gradient of ImageNet weights', 1, 1024, 512, 1024, true, false],
  ['gradient of ImageNet inputs', 1, 512, 1024, 1024, false, true],
  ['gradient of ImageNet keys', 8, 512, 512, 128, true, false],
];

const linear = ([where, m, k, n]: (typeof linears)[number], i: number): Work =>
  kernel(
    `product, ${where}: ${m} × ${k} × ${n}`,
    numbers([[m, k]]),
    <T>(ops: Ops<T>, [x]: readonly T[]) => [
      ops.affine(x, ops.param('linear', 'w', [k, n]), ops.param('linear', 'b', [n])),
    ],
    { isQuick: i === 0 },
  );

const letters = (transposeA: boolean, transposeB: boolean): string =>
  `${transposeA ? 'T' : 'N'}${transposeB ? 'T' : 'N'}`;

const batch = ([where, count, m, k, n, transposeA, transposeB]: (typeof batched)[number], i: number): Work =>
  kernel(
    `product ${letters(transposeA, transposeB)}, ${where}: ${count} of ${m} × ${k} × ${n}`,
    numbers([transposeA ? [count, k, m] : [count, m, k], transposeB ? [count, n, k] : [count, k, n]]),
    <T>(ops: Ops<T>, [a, b]: readonly T[]) => [ops.matMul(a, b, transposeA, transposeB)],
    { isQuick: i === 0 },
  );

export const products: readonly Work[] = [...linears.map(linear), ...batched.map(batch)];
