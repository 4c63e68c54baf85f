/**
 * Kernels other than products, at the shapes of the published models.
 */
import { neighbourhoods, pairs, spaceToDepth } from '../programs/images.js';
import type { Ops, Shape } from '../ops.js';
import type { Work } from '../work.js';
import { kernel, numbers, type Table } from './shapes.js';

/** q [T, H, D], k [S, H, D], v [S, H, E] */
const attentions: Table<
  [heads: number, queries: number, keys: number, qk: number, v: number, mask?: 'mask' | 'causalMask']
> = [
  ['ImageNet latents', 8, 512, 512, 128, 128],
  ['language latents', 8, 256, 256, 32, 160],
  ['language inputs, masked', 8, 256, 2048, 32, 160, 'mask'],
  ['language outputs', 8, 2048, 256, 32, 96],
  ['flow latents', 16, 2048, 2048, 32, 32],
  ['multimodal latents', 8, 784, 784, 64, 64],
  ['a thousand tokens', 8, 1024, 1024, 64, 64],
  ['a thousand tokens, causal', 8, 1024, 1024, 64, 64, 'causalMask'],
  ['ImageNet Fourier inputs', 1, 512, 50176, 261, 261],
  ['ImageNet class', 1, 1, 512, 1024, 1024],
  ['multimodal inputs', 1, 784, 52097, 704, 704],
  ['flow inputs', 1, 2048, 182528, 322, 322],
  ['flow outputs', 1, 182528, 2048, 512, 512],
];

const attention = (
  [where, heads, queries, keys, qk, v, kind]: (typeof attentions)[number],
  i: number,
): Work =>
  kernel(
    `attention, ${where}: ${heads} of ${queries} × ${keys} × ${qk}, ${v}`,
    [
      ...numbers([
        [1, queries, heads, qk],
        [1, keys, heads, qk],
        [1, keys, heads, v],
      ]),
      ...(kind ? [{ name: 'mask', shape: [1, queries, keys], kind }] : []),
    ],
    <T>(ops: Ops<T>, [q, k, values, mask]: readonly T[]) => [
      ops.attend(q, k, values, mask, kind === 'causalMask'),
    ],
    { isQuick: i === 0 },
  );

const widths: Table<[...shape: number[]]> = [
  ['ImageNet latents', 512, 1024],
  ['language latents', 256, 1280],
  ['flow latents', 2048, 512],
  ['ImageNet Fourier inputs', 50176, 261],
  ['multimodal inputs', 52097, 704],
  ['flow inputs', 182528, 322],
];

/** A kernel of one input, at several shapes. */
const pointwise = (
  what: string,
  shapes: Table<number[]>,
  run: <T>(ops: Ops<T>, x: T) => T,
  quick = -1,
): readonly Work[] =>
  shapes.map(([where, ...shape], i) =>
    kernel(
      `${what}, ${where}: ${shape.join(' × ')}`,
      numbers([shape], 4),
      <T>(ops: Ops<T>, [x]: readonly T[]) => [run(ops, x)],
      { isQuick: i === quick },
    ),
  );

const scores: Table<number[]> = [
  ['ImageNet latents', 8, 512, 512],
  ['language latents', 8, 256, 256],
  ['multimodal latents', 8, 784, 784],
  ['ImageNet class', 1, 512],
];

const norm = <T>(ops: Ops<T>, x: T): T => {
  const shape: Shape = ops.shapeOf(x).slice(-1);
  return ops.layerNorm(x, ops.param('layer_norm', 'scale', shape), ops.param('layer_norm', 'offset', shape));
};

const many: Table<number[]> = [['two million', 512, 4096]];

const image = numbers([[1, 224, 224, 3]]);

const images: readonly Work[] = [
  kernel(
    'convolution 7 × 7, ImageNet conv: 224 × 224 × 3 to 64',
    image,
    <T>(ops: Ops<T>, [x]: readonly T[]) => [ops.conv2d(x, ops.param('conv', 'w', [7, 7, 3, 64]), 2)],
  ),
  kernel(
    'convolution 1 × 1, ImageNet learned: 224 × 224 × 3 to 256',
    image,
    <T>(ops: Ops<T>, [x]: readonly T[]) => [ops.conv2d(x, ops.param('conv', 'w', [1, 1, 3, 256]), 1)],
  ),
  kernel(
    'max pooling, ImageNet conv: 112 × 112 × 64',
    numbers([[1, 112, 112, 64]]),
    <T>(ops: Ops<T>, [x]: readonly T[]) => [ops.maxPool(x, 2)],
  ),
  kernel(
    'neighbourhoods, flow: 2 × 368 × 496 × 3',
    numbers([[1, 2, 368, 496, 3]]),
    <T>(ops: Ops<T>, [x]: readonly T[]) => [
      pairs(ops, neighbourhoods(ops, ops.reshape(x, [2, 368, 496, 3]))),
    ],
    { library: { kind: 'function', name: 'flowPatches' } },
  ),
  kernel(
    'space to depth, multimodal: 16 × 224 × 224 × 3',
    numbers([[16, 224, 224, 3]]),
    <T>(ops: Ops<T>, [x]: readonly T[]) => [spaceToDepth(ops, x, 4)],
    { library: { kind: 'function', name: 'spaceToDepth' } },
  ),
];

const fourier: readonly Work[] = (
  [
    ['ImageNet', [224, 224], 64],
    ['flow', [368, 496], 64],
  ] as const
).map(([where, indexDims, numBands]) =>
  kernel(`Fourier features, ${where}: ${indexDims.join(' × ')}, ${numBands} bands`, [], <T>(ops: Ops<T>) => [
    ops.fourier({ indexDims, maxResolution: indexDims, numBands }),
  ]),
);

const lookUp = kernel(
  'embedding, language: 2048 of 262 × 768',
  [{ name: 'ids', shape: [1, 2048], kind: 'ids', range: 262 }],
  <T>(ops: Ops<T>, [ids]: readonly T[]) => [ops.lookUp(ops.param('embed', 'embeddings', [262, 768]), ids)],
);

export const kernels: readonly Work[] = [
  ...attentions.map(attention),
  ...pointwise('softmax', scores, (ops, x) => ops.softmax(x), 0),
  ...pointwise('layer norm', widths, norm, 0),
  ...pointwise('GELU', widths, (ops, x) => ops.gelu(x), 0),
  ...pointwise('exact GELU', [['ImageNet latents', 512, 1024]], (ops, x) => ops.geluExact(x)),
  ...pointwise('exp', many, (ops, x) => ops.exp(x)),
  ...pointwise('erf', many, (ops, x) => ops.erf(x)),
  ...pointwise('sum', [['flow inputs', 182528, 322]], (ops, x) => ops.add(x, x)),
  ...images,
  ...fourier,
  lookUp,
];
