/**
 * DeepMind's constructor arguments: every one is known, with Python's default; what does not fit comes back whole.
 */
import t from 'tap';
import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { ConfigProblem } from '../../lib/data/config.js';
import { outline } from '../../lib/language/outline.js';
import type { Scope } from '../../lib/language/scope.js';
import { paths } from '../../lib/data/tree.js';
import { construct, fromHaiku, type HaikuModule, haikuSources } from '../../modules/haiku/fromHaiku.js';

type Kwargs = Readonly<Record<string, unknown>>;

const read = (source: string, kwargs: unknown): HaikuModule => {
  const made = fromHaiku(source, kwargs);
  if (E.isLeft(made)) throw new Error(`${source}: ${JSON.stringify(made.left)}`);
  return made.right;
};

const problems = (source: string, kwargs: unknown): readonly ConfigProblem[] => {
  const made = fromHaiku(source, kwargs);
  if (E.isRight(made)) throw new Error(`${source} takes ${JSON.stringify(kwargs)}`);
  return made.left;
};

const places = (source: string, kwargs: unknown): readonly string[] =>
  problems(source, kwargs).map(({ path }) => path);

/** A Python argument's default, or that it has none; `inspect.signature` of dm-haiku 0.0.17 and perceiver f5de0ede. */
type Argument = { readonly default: unknown } | { readonly required: true };
const signatures = JSON.parse(readFileSync('test/modules/haiku.json', 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, Argument>>>
>;

const fourier = { position_encoding_type: 'fourier', fourier_position_encoding_kwargs: { num_bands: 2 } };
const trainable = { position_encoding_type: 'trainable', trainable_position_encoding_kwargs: {} };
const encoder = { class: 'perceiver.PerceiverEncoder' };
const projection = { class: 'perceiver.ProjectionDecoder', num_classes: 3 };
const quantizer = { embedding_dim: 4, num_embeddings: 3, commitment_cost: 0.25 };
const depthwise = { channel_multiplier: 2, kernel_shape: 3 };
const pool = { window_shape: 2, strides: 2, padding: 'SAME' };
const kernel = { output_channels: 4, kernel_shape: 3 };

/** Required arguments; classes that are not listed have none. */
const needed: Readonly<Record<string, Kwargs>> = {
  'perceiver.ProjectionDecoder': { num_classes: 3 },
  'perceiver.BasicDecoder': { output_num_channels: 2, output_index_dims: [4], ...trainable },
  'perceiver.ClassificationDecoder': { num_classes: 3, ...trainable },
  'perceiver.BasicVideoAutoencodingDecoder': {
    output_shape: [1, 2, 3, 4],
    output_num_channels: 2,
    ...fourier,
  },
  'perceiver.FlowDecoder': { output_image_shape: [2, 3] },
  'perceiver.MultimodalDecoder': { modalities: { a: projection }, num_outputs: 4, output_num_channels: 2 },
  'perceiver.Perceiver': { encoder, decoder: projection },
  'position_encoding.TrainablePositionEncoding': { index_dim: 3 },
  'position_encoding.FourierPositionEncoding': { index_dims: [3], num_bands: 2 },
  'position_encoding.PositionEncodingProjector': {
    output_size: 4,
    base_position_encoding: { class: 'position_encoding.TrainablePositionEncoding', index_dim: 3 },
  },
  'position_encoding.build_position_encoding': { index_dims: [3], ...fourier },
  'io_processors.Conv2DUpsample': { n_outputs: 2 },
  'io_processors.Conv3DUpsample': { n_outputs: 2 },
  'io_processors.ImagePreprocessor': fourier,
  'io_processors.AudioPreprocessor': fourier,
  'io_processors.MultimodalPreprocessor': {
    modalities: { a: { class: 'io_processors.OneHotPreprocessor' } },
  },
  'io_processors.MultimodalPostprocessor': {
    modalities: { a: { class: 'io_processors.IdentityPostprocessor' } },
  },
  'io_processors.ClassificationPostprocessor': { num_classes: 2 },
  'io_processors.ProjectionPostprocessor': { num_outputs: 2 },
  'io_processors.extract_patches': { sizes: [1, 2, 2, 1], strides: [1, 1, 1, 1], rates: [1, 1, 1, 1] },
  'hk.Linear': { output_size: 2 },
  'hk.LayerNorm': { axis: -1, create_scale: true, create_offset: true },
  'hk.Embed': { vocab_size: 5, embed_dim: 2 },
  'hk.Conv2D': kernel,
  'hk.Conv2DTranspose': kernel,
  'hk.Conv3DTranspose': kernel,
  'hk.BatchNorm': { create_scale: true, create_offset: true, decay_rate: 0.9 },
  'hk.ExponentialMovingAverage': { decay: 0.9 },
  'hk.RMSNorm': { axis: -1 },
  'hk.GroupNorm': { groups: 2 },
  'hk.InstanceNorm': { create_scale: true, create_offset: true },
  'hk.Conv1D': kernel,
  'hk.Conv3D': kernel,
  'hk.Conv1DTranspose': kernel,
  'hk.DepthwiseConv1D': depthwise,
  'hk.DepthwiseConv2D': depthwise,
  'hk.DepthwiseConv3D': depthwise,
  'hk.SeparableDepthwiseConv2D': depthwise,
  'hk.MaxPool': pool,
  'hk.AvgPool': pool,
  'hk.avg_pool': pool,
  'hk.MultiHeadAttention': { num_heads: 2, key_size: 3 },
  'hk.nets.MLP': { output_sizes: [3] },
  'hk.nets.VectorQuantizer': quantizer,
  'hk.nets.VectorQuantizerEMA': { ...quantizer, decay: 0.9 },
  'hk.LSTM': { hidden_size: 3 },
  'hk.GRU': { hidden_size: 3 },
  'hk.VanillaRNN': { hidden_size: 3 },
  'hk.EMAParamsTree': { decay: 0.9 },
  'hk.Reshape': { output_shape: [-1] },
  'hk.max_pool': pool,
};

const defaultsOf = (source: string): Kwargs =>
  Object.fromEntries(
    Object.entries(signatures[source]).flatMap(([name, argument]) =>
      'default' in argument ? [[name, argument.default]] : [],
    ),
  );

t.test('every class and function of the original is known', async (t) => {
  t.same([...haikuSources].sort(), Object.keys(signatures).sort());
});

t.test("every argument is known, and what is not given has Python's default", async (t) => {
  for (const source of haikuSources) {
    const least = needed[source] ?? {};
    const { options } = read(source, least);
    t.same(read(source, { ...defaultsOf(source), ...least }).options, options, source);
  }
});

t.test('what Python insists on is asked for', async (t) => {
  for (const [source, least] of Object.entries(needed)) {
    for (const name of Object.keys(least)) {
      const isRequired = 'required' in (signatures[source][name] ?? {});
      // The number of outputs follows from the queries here; the argument is never read.
      if (!isRequired || name === 'num_outputs') continue;
      const { [name]: _missing, ...others } = least;
      t.match(places(source, others), [name], `${source} without ${name}`);
    }
  }
});

t.test('arguments are renamed, and nothing else is', async (t) => {
  const { kind, options } = read('perceiver.CrossAttention', {
    num_heads: 2,
    shape_for_attn: 'q',
    dropout_attn_prob: 0.25,
  });
  t.equal(kind, 'crossAttention');
  t.match(options, { numHeads: 2, widthFrom: 'q', attentionDropoutRate: 0.25, wideningFactor: 1 });
});

t.test('every problem comes back at once, at the path of its argument', async (t) => {
  const found = problems('io_processors.ImagePreprocessor', {
    prep_type: 'patches',
    spatial_downsample: 0,
    concat_or_add_pos: 'multiply',
    colour: 'red',
    fourier_position_encoding_kwargs: { num_bands: 'many', max_resolution: [224, 0], bands: 3 },
  });
  t.same(found.map(({ path }) => path).sort(), [
    'colour',
    'concat_or_add_pos',
    'fourier_position_encoding_kwargs.bands',
    'fourier_position_encoding_kwargs.max_resolution.1',
    'fourier_position_encoding_kwargs.num_bands',
    'spatial_downsample',
  ]);
  t.match(
    found.find(({ path }) => path === 'colour'),
    { found: 'red', expected: /one of the arguments \(prep_type, spatial_downsample, / },
  );
});

t.test('a class that is not there is refused with those that are', async (t) => {
  t.match(problems('perceiver.Transformer', {}), [
    { found: 'perceiver.Transformer', expected: /perceiver\.SelfAttention/ },
  ]);
  t.match(problems('toString', {}), [{ found: 'toString' }]);
});

t.test('arguments that are no dictionary are refused', async (t) => {
  for (const kwargs of [undefined, null, [], 'num_heads=8', 8])
    t.match(problems('perceiver.MLP', kwargs), [{ found: kwargs, expected: 'an object of arguments' }]);
});

t.test('arguments that the original never reads are listed', async (t) => {
  const decoder = {
    output_num_channels: 2,
    output_index_dims: 9,
    num_z_channels: 512,
    subsampled_index_dims: 3,
    ...trainable,
    fourier_position_encoding_kwargs: { num_bands: 64 },
  };
  t.same([...read('perceiver.BasicDecoder', decoder).ignored].sort(), [
    'fourier_position_encoding_kwargs',
    'num_z_channels',
    'subsampled_index_dims',
  ]);
  const flow = read('perceiver.FlowDecoder', {
    output_image_shape: [2, 3],
    output_index_dims: [2, 3],
    ...fourier,
  });
  t.same([...flow.ignored].sort(), [
    'fourier_position_encoding_kwargs',
    'output_index_dims',
    'position_encoding_type',
  ]);
  t.same(read('perceiver.ProjectionDecoder', { num_classes: 2, final_avg_before_project: true }).ignored, [
    'final_avg_before_project',
  ]);
  const pixels = { prep_type: 'pixels', num_channels: 64, ...fourier };
  t.same(read('io_processors.ImagePreprocessor', pixels).ignored, ['num_channels']);
});

t.test('what a layer here cannot do is refused', async (t) => {
  t.match(problems('hk.LayerNorm', { axis: 'last', create_scale: true, create_offset: true }), [
    { path: 'axis', found: 'last', expected: 'an axis, a list of axes or slice(from, to)' },
  ]);
  t.match(problems('hk.Conv2D', { ...kernel, data_format: 'NCHW' }), [
    { path: 'data_format', expected: '"NHWC"' },
  ]);
  t.match(problems('jax.nn.gelu', { approximate: false }), [{ path: 'approximate', expected: 'true' }]);
  t.match(problems('hk.max_pool', { window_shape: [2, 2, 2], strides: 1, padding: 'SAME' }), [
    { path: 'window_shape', expected: /a list for the last axes that ends with 1/ },
  ]);
});

t.test('convolutions downsample by fours alone', async (t) => {
  const conv = (spatial_downsample: number) => ({ prep_type: 'conv', spatial_downsample, ...fourier });
  t.match(read('io_processors.ImagePreprocessor', conv(16)).options, {
    features: { kind: 'conv', numLayers: 2 },
  });
  t.match(problems('io_processors.ImagePreprocessor', conv(8)), [{ path: 'spatial_downsample', found: 8 }]);
  t.match(places('io_processors.ImagePreprocessor', { ...conv(4), temporal_downsample: 2 }), [
    'temporal_downsample',
  ]);
});

t.test('an image postprocessor convolves videos where time is upsampled', async (t) => {
  const conv = { postproc_type: 'conv', n_outputs: 3, spatial_upsample: 4 };
  t.match(read('io_processors.ImagePostprocessor', conv).options, { pixels: { kind: 'conv2d' } });
  t.match(read('io_processors.ImagePostprocessor', { ...conv, temporal_upsample: 2 }).options, {
    pixels: { kind: 'conv3d', numTimeUpsamples: 1, numSpaceUpsamples: 2 },
  });
  t.match(places('io_processors.ImagePostprocessor', { postproc_type: 'conv', n_outputs: -1 }), [
    'n_outputs',
  ]);
  t.match(places('io_processors.ImagePostprocessor', { postproc_type: 'raft' }), ['postproc_type']);
});

t.test('modules among the arguments are read with their own paths, and by what they are for', async (t) => {
  const modalities = {
    label: { class: 'io_processors.OneHotPreprocessor' },
    audio: { class: 'io_processors.AudioPreprocessor', samples_per_patch: -1, ...fourier },
    logits: projection,
    nothing: 3,
  };
  t.same(places('io_processors.MultimodalPreprocessor', { modalities }), [
    'modalities.audio.samples_per_patch',
    'modalities.logits.class',
    'modalities.nothing',
  ]);
});

/** Paths of a program's parameters. */
const pathsOf = (program: (s: Scope, x: Tensor) => unknown, shape: readonly number[]): readonly string[] =>
  paths(outline(program, [{ shape }]).params);

t.test('a module is constructed under the name that it is given', async (t) => {
  const made = read('perceiver.MLP', { widening_factor: 2, name: 'widen' });
  if (made.kind !== 'mlp') throw new Error(made.kind);
  t.same(
    pathsOf((s, x) => construct(s, made)(x), [2, 3]),
    ['widen/linear/w', 'widen/linear/b', 'widen/linear_1/w', 'widen/linear_1/b'],
  );
});

t.test('a module is constructed after those among its arguments, which keep their own paths', async (t) => {
  const made = read('perceiver.Perceiver', {
    encoder: {
      ...encoder,
      name: 'encode',
      num_z_channels: 4,
      z_index_dim: 2,
      num_self_attends_per_block: 1,
      num_self_attend_heads: 1,
    },
    decoder: projection,
    input_preprocessor: {
      class: 'io_processors.ImagePreprocessor',
      prep_type: 'conv1x1',
      num_channels: 2,
      ...fourier,
    },
  });
  if (made.kind !== 'perceiver') throw new Error(made.kind);
  const found = pathsOf((s, x) => construct(s, made)(x as never), [1, 8, 8, 3]);
  t.same(found.slice(0, 3), [
    'image_preprocessor/~/conv2_d/w',
    'image_preprocessor/~/conv2_d/b',
    'encode/~/trainable_position_encoding/pos_embs',
  ]);
  t.same(found.slice(-2), ['projection_decoder/~/logits/w', 'projection_decoder/~/logits/b']);
});
