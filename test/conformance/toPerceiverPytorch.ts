/**
 * The first Perceiver beside lucidrains' (perceiver-pytorch), by the same weights: the presets where that package agrees
 * with the paper, and the package as it is, composed here from the shared layers.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { formatNpz } from '../../lib/checkpoint/index.js';
import { float32, type HostArray, sizeOf } from '../../lib/data/array.js';
import { type Params, toHostSync, toTensor } from '../../lib/data/leaf.js';
import { mapWithPath } from '../../lib/data/tree.js';
import type { Layer } from '../../lib/language/scope.js';
import { transform } from '../../lib/language/transform.js';
import { key, normal, uniform } from '../../lib/random/index.js';
import { encoder, geluExact, imagePreprocessor, layerNorm, linear } from '../../modules/index.js';
import { perceiver, perceiverPoints } from '../../presets/index.js';
import { readArrays } from '../golden/case.js';
import { failing } from '../golden/compare.js';
import { compareOutputs, type Finding, finding, type Group } from './finding.js';
import { noisy } from './noisy.js';
import { type Form, perceiverPytorchNames, positionChannels } from './perceiverPytorchNames.js';
import { runScript } from './process.js';

const numBands = 4;
const side = 6;
const numClasses = 10;
const encoding = {
  numLatents: 5,
  numLatentChannels: 16,
  numBlocks: 3,
  numCrossAttends: 3,
  numSelfAttendsPerBlock: 2,
  numSelfAttendHeads: 4,
  numCrossAttendHeads: 1,
  selfAttendWideningFactor: 4,
  crossAttendWideningFactor: 4,
  activation: 'geluExact',
} as const;
const preprocessor = {
  features: { kind: 'pixels', spatialDownsample: 1 },
  position: { kind: 'fourier', numBands, maxResolution: [side, side] },
} as const;

const imageChannels = [0, 1, 2, ...positionChannels(2, numBands, 3)];

interface Case {
  readonly name: string;
  readonly what: string;
  readonly network: Layer<readonly tf.Tensor[], tf.Tensor>;
  readonly inputs: Readonly<Record<string, HostArray>>;
  readonly form: Form;
  /** Arguments of the package's class beside those that all cases share. */
  readonly arguments: object;
  /** Arguments of the package's Fourier features, where the class does not compute them. */
  readonly encode?: object;
}

const formOf = (shareWeights: boolean, changes: Partial<Form> = {}): Form => ({
  numBlocks: encoding.numBlocks,
  numSelfAttendsPerBlock: encoding.numSelfAttendsPerBlock,
  shareWeights,
  isGated: false,
  channels: imageChannels,
  head: 'average_decoder/output',
  ...changes,
});

const images = normal(key(1), [2, side, side, 3]);
const points = uniform(key(2), [2, 9, 3], { min: -1, max: 1 });
const mask = float32(
  [2, side * side],
  Array.from({ length: 2 * side * side }, (_, i) => (i % 5 === 3 ? 0 : 1)),
);

const ofImages = {
  num_freq_bands: numBands,
  max_freq: side,
  cross_dim_head: imageChannels.length,
};

const presetCase = (shareWeights: boolean): Case => ({
  name: shareWeights ? 'shared' : 'apart',
  what: `the preset \`perceiver\`, small, weights ${shareWeights ? 'shared after the first cross-attention' : 'apart'}`,
  network: perceiver({
    imageShape: [side, side, 3],
    numClasses,
    preprocessor,
    encoder: { ...encoding, shareWeights },
  }).network as Case['network'],
  inputs: { data: images },
  form: formOf(shareWeights),
  arguments: ofImages,
});

const pointCase = (): Case => {
  const maxResolution = 20;
  return {
    name: 'points',
    what: 'the preset `perceiver-points`, small',
    network: perceiverPoints({
      numPoints: points.shape[1],
      numClasses,
      numBands,
      maxResolution,
      encoder: encoding,
    }).network as Case['network'],
    inputs: { data: points },
    form: formOf(true, { channels: positionChannels(3, numBands, 0) }),
    arguments: {
      num_freq_bands: numBands,
      max_freq: maxResolution,
      input_axis: 1,
      input_channels: 3 * (2 * numBands + 1),
      fourier_encode_data: false,
      cross_dim_head: 3 * (2 * numBands + 1),
    },
    encode: { max_freq: maxResolution, num_bands: numBands },
  };
};

/** The package's activation: half of the channels times the GELU of the other half. */
const gated = (x: tf.Tensor): tf.Tensor => {
  const [values, gates] = tf.split(x, 2, -1);
  return tf.mul(values, geluExact(gates));
};

/** The package's network: MLPs with gates, widths of its own, and a layer norm before the logits. */
const asItIs: Case['network'] = (s, x, inputMask) => {
  const { inputs } = imagePreprocessor(preprocessor)(s, x);
  const encode = s.declare(
    encoder({
      ...encoding,
      ...{ selfAttendWideningFactor: 8, crossAttendWideningFactor: 8, activation: gated },
      ...{ numSelfAttendHeads: 2, numCrossAttendHeads: 2, qkChannels: 24, shareWeights: false },
    }),
  );
  const z = encode(inputs, encode.latents(x.shape[0]), inputMask); // [B, N, D]
  return linear(numClasses, { name: 'output' })(s, layerNorm()(s, tf.mean(z, 1)));
};

const packageCase = (): Case => ({
  name: 'as-it-is',
  what: 'the package as it is, composed here from the shared layers, some pixels absent',
  network: asItIs,
  inputs: { data: images, mask },
  form: formOf(false, { isGated: true, headNorm: 'layer_norm', head: 'output' }),
  arguments: { ...ofImages, cross_heads: 2, cross_dim_head: 12, latent_heads: 2, latent_dim_head: 12 },
});

/** Parameters of which every one matters, but for biases that the package has not: those are zero. */
const weightsOf = ({ network, inputs }: Case): Params<HostArray> => {
  const params = noisy(
    transform(network).init(key(3), ...Object.values(inputs).map(({ shape }) => ({ shape }))),
  );
  return mapWithPath(params, (path: string, leaf: HostArray) =>
    /\/attention\/linear(_[12])?\/b$/.test(path)
      ? float32(leaf.shape, new Float32Array(sizeOf(leaf.shape)))
      : leaf,
  ) as Params<HostArray>;
};

const apply = ({ network, inputs }: Case, params: Params): HostArray => {
  const output = tf.tidy(() =>
    transform(network).apply(params, {}, ...Object.values(inputs).map((input) => toTensor(input))),
  );
  const own = toHostSync(output);
  output.dispose();
  return own;
};

const differences = [
  'Logits by the same weights, each array of the state dict set.',
  'That package differs from the paper in this, and is held to it so: its MLPs have gates (their values are set to one, which leaves the plain MLP);',
  'it has no biases of queries, keys and values (ours are zero);',
  'with tied weights its first block keeps self-attentions of its own (they get the values of the others);',
  'a layer norm stands before its logits (it is taken out);',
  'the channels of its Fourier features lie in another order (weights are reordered);',
  'its GELU is the exact one and its MLPs are four times as wide as the latents (options of ours: `activation`, the widening factors).',
  'The last row takes the package as it is.',
].join(' ');

/** Leaves a case's files for Python. Returns what is computed here. */
const write = (folder: string, tried: Case): HostArray => {
  const { form, inputs, encode } = tried;
  const params = weightsOf(tried);
  const theirs = {
    ...{ latent_dim: encoding.numLatentChannels, num_latents: encoding.numLatents, num_classes: numClasses },
    ...{ depth: form.numBlocks, self_per_cross_attn: form.numSelfAttendsPerBlock },
    ...{ weight_tie_layers: form.shareWeights, latent_heads: 4, latent_dim_head: 4 },
    ...tried.arguments,
  };
  mkdirSync(folder, { recursive: true });
  const asked = { arguments: theirs, has_head_norm: form.headNorm !== undefined, encode: encode ?? null };
  writeFileSync(join(folder, 'case.json'), JSON.stringify(asked));
  writeFileSync(join(folder, 'inputs.npz'), formatNpz(Object.entries(inputs)));
  writeFileSync(join(folder, 'weights.npz'), formatNpz(perceiverPytorchNames(params, form)));
  return apply(tried, params);
};

/** All comparisons with the package. */
export const toPerceiverPytorch = async (python: string, work: string): Promise<Group> => {
  const tried = [presetCase(true), presetCase(false), pointCase(), packageCase()].map((each) => {
    const folder = join(work, 'perceiver-pytorch', each.name);
    return { what: each.what, folder, own: write(folder, each) };
  });
  const folders = tried.map(({ folder }) => folder);
  const problems = (await runScript(python, 'apply_perceiver_pytorch.py', ...folders)) as Record<
    string,
    string
  >;
  const findings: Finding[] = [];
  for (const { what, folder, own } of tried)
    findings.push(
      await finding(what, () => {
        if (problems[folder] !== undefined) return [failing('logits', problems[folder])];
        return [compareOutputs('logits', own, readArrays(join(folder, 'out.npz')).get('out') as HostArray)];
      }),
    );
  return {
    title: "The first Perceiver, beside lucidrains' perceiver-pytorch",
    doc: differences,
    findings,
  };
};
