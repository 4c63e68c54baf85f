/**
 * Layers at the sizes of the published models.
 */
import type { Ops } from '../ops.js';
import {
  attention,
  crossAttention,
  layerNorm,
  linear,
  mlp,
  selfAttention,
  type Widths,
} from '../programs/blocks.js';
import { convDownsample } from '../programs/images.js';
import type { Work } from '../work.js';
import { layer, numbers, type Table } from './shapes.js';

const selves: Table<[n: number, channels: number, heads: number, qk: number]> = [
  ['ImageNet', 512, 1024, 8, 1024],
  ['language', 256, 1280, 8, 256],
  ['flow', 2048, 512, 16, 512],
  ['multimodal', 784, 512, 8, 512],
];

const self = ([where, n, channels, numHeads, qkChannels]: (typeof selves)[number], i: number): Work => {
  const widths: Widths = { heads: numHeads, qk: qkChannels, v: channels, output: channels };
  return layer(
    `self-attention block, ${where}: ${n} × ${channels}, ${numHeads} heads`,
    'selfAttention',
    [{ numHeads, qkChannels, vChannels: channels, wideningFactor: 1 }],
    numbers([[1, n, channels]]),
    <T>(ops: Ops<T>, [x]: readonly T[]) => [selfAttention(ops, 'self_attention', widths, x)],
    { isQuick: i === 0 },
  );
};

const crosses: Table<
  [
    queries: number,
    queryChannels: number,
    keys: number,
    channels: number,
    heads: number,
    qk: number,
    v: number,
  ]
> = [
  ['ImageNet Fourier encoder', 512, 1024, 50176, 261, 1, 261, 261],
  ['ImageNet learned encoder', 512, 1024, 50176, 512, 1, 512, 512],
  ['ImageNet conv encoder', 512, 1024, 3136, 322, 1, 322, 322],
  ['ImageNet decoder', 1, 1024, 512, 1024, 1, 1024, 1024],
  ['language encoder', 256, 1280, 2048, 768, 8, 256, 1280],
  ['language decoder', 2048, 768, 256, 1280, 8, 256, 768],
  ['multimodal encoder', 784, 512, 52097, 704, 1, 704, 704],
  ['multimodal decoder', 6288, 1026, 784, 512, 1, 512, 512],
  ['flow encoder', 2048, 512, 182528, 322, 1, 322, 322],
  ['flow decoder', 182528, 322, 2048, 512, 1, 512, 512],
];

const cross = ([
  where,
  n,
  queryChannels,
  keys,
  channels,
  numHeads,
  qk,
  v,
]: (typeof crosses)[number]): Work => {
  const widths = { heads: numHeads, qk, v, output: queryChannels, useQueryResidual: true };
  return layer(
    `cross-attention block, ${where}: ${n} × ${queryChannels} to ${keys} × ${channels}`,
    'crossAttention',
    [{ numHeads, qkChannels: qk, vChannels: v, wideningFactor: 1 }],
    numbers([
      [1, n, queryChannels],
      [1, keys, channels],
    ]),
    <T>(ops: Ops<T>, [q, kv]: readonly T[]) => [crossAttention(ops, 'cross_attention', widths, q, kv)],
  );
};

const rows: Table<[n: number, channels: number]> = [
  ['ImageNet', 512, 1024],
  ['language', 256, 1280],
  ['flow', 2048, 512],
];

const byRows = ([where, n, channels]: (typeof rows)[number]): readonly Work[] => {
  const inputs = numbers([[1, n, channels]]);
  const size = `${where}: ${n} × ${channels}`;
  const widths: Widths = { heads: 8, qk: channels, v: channels, output: channels };
  return [
    layer(`linear layer, ${size}`, 'linear', [channels], inputs, <T>(ops: Ops<T>, [x]: readonly T[]) => [
      linear(ops, 'linear', x, channels),
    ]),
    layer(`layer norm layer, ${size}`, 'layerNorm', [], inputs, <T>(ops: Ops<T>, [x]: readonly T[]) => [
      layerNorm(ops, 'layer_norm', x),
    ]),
    layer(`MLP, ${size}`, 'mlp', [{ wideningFactor: 1 }], inputs, <T>(ops: Ops<T>, [x]: readonly T[]) => [
      mlp(ops, 'mlp', x),
    ]),
    layer(
      `attention layer, ${size}, 8 heads`,
      'selfAttend',
      [{ numHeads: 8 }],
      inputs,
      <T>(ops: Ops<T>, [x]: readonly T[]) => [attention(ops, 'attention', widths, x, x)],
    ),
  ];
};

const downsample = layer(
  'convolutional downsampling, ImageNet conv: 224 × 224 × 3 to 64',
  'conv2dDownsample',
  [{}],
  numbers([[1, 224, 224, 3]]),
  <T>(ops: Ops<T>, [x]: readonly T[]) => [convDownsample(ops, 'conv2_d_downsample', x, 64)],
);

const embedding = layer(
  'embedding layer, language: 2048 of 262 × 768',
  'embed',
  [{ vocabSize: 262, numChannels: 768 }],
  [{ name: 'ids', shape: [1, 2048], kind: 'ids', range: 262 }],
  <T>(ops: Ops<T>, [ids]: readonly T[]) => [ops.lookUp(ops.param('embed', 'embeddings', [262, 768]), ids)],
);

const tied = layer(
  'embedding decoder, language: 2048 × 768 to 262',
  'embeddingDecoder',
  [],
  numbers([
    [1, 2048, 768],
    [262, 768],
  ]),
  <T>(ops: Ops<T>, [x, table]: readonly T[]) => [
    ops.affine(x, ops.transpose(table, [1, 0]), ops.param('embedding_decoder', 'bias', [262])),
  ],
);

export const layers: readonly Work[] = [
  ...selves.map(self),
  ...crosses.map(cross),
  ...rows.flatMap(byRows),
  downsample,
  embedding,
  tied,
];
