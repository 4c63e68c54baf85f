/**
 * Small models of Hugging Face's, one of each class: the config becomes a preset's model, the weights get Haiku's names,
 * and outputs are PyTorch's. Each option that says what Hugging Face computes otherwise is needed for that.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import t from 'tap';
import type { HostArray } from '../../../lib/data/array.js';
import { bytesOf } from '../../../lib/data/array.js';
import { formatSafetensors, parseCheckpoint } from '../../../lib/checkpoint/index.js';
import { engine } from '../../../lib/engine/index.js';
import { adopt } from '../../../lib/language/adopt.js';
import { isTensor } from '../../../lib/data/leaf.js';
import { transformWithState } from '../../../lib/language/transform.js';
import type { AnyModel } from '../../../presets/preset.js';
import { flowOfPatches } from '../../../presets/flow/network.js';
import { type Architecture, architectures, families } from '../../../presets/huggingFace/families.js';
import { fromHuggingFace } from '../../../presets/huggingFace/fromHuggingFace.js';
import { stateDict, toHaikuNames, toHuggingFaceNames } from '../../../presets/huggingFace/trees.js';
import type { Weights } from '../../../lib/data/leaf.js';
import { override } from '../../../presets/preset.js';
import { tiny, values, weightsOf } from './weights.js';

await engine();

/**
 * The tolerance of outputs against PyTorch's, as a share of the largest. Its `linspace` rounds frequencies of 112
 * half-turns otherwise.
 */
const toleranceOf = (architecture: Architecture): number =>
  architecture === 'PerceiverForImageClassificationFourier' ? 5e-5 : 5e-6;

const rightOf = <A>(result: E.Either<unknown, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

/** The checkpoint that a safetensors file with the model's weights holds. */
const checkpointOf = (architecture: Architecture) =>
  pipe(weightsOf(tiny[architecture]), formatSafetensors, E.chain(parseCheckpoint), rightOf);

const made = (architecture: Architecture) => rightOf(fromHuggingFace(tiny[architecture].config));

const floats = (name: string, shape: number[]): tf.Tensor =>
  tf.tensor(Float32Array.from(values(name, shape)), shape);

/** [B, …, C, H, W] to [B, …, H, W, C]. */
const channelsLast = (x: tf.Tensor): tf.Tensor =>
  tf.transpose(x, x.rank === 4 ? [0, 2, 3, 1] : [0, 1, 3, 4, 2]);

const image = (shape: number[]) => [channelsLast(floats('inputs', shape))];

/** Ids of two texts, and the mask of the second, which is shorter. */
const texts = (): unknown[] => {
  const ids = values('inputs', [2, 10]).map((u) => Math.floor(((u + 1) / 2) * 20));
  const mask = Float32Array.from({ length: 20 }, (_, i) => Number(i < 16));
  return [tf.tensor2d(Int32Array.from(ids), [2, 10], 'int32'), tf.tensor2d(mask, [2, 10])];
};

/** Inputs, the same as in `make.py`. */
const inputs: Readonly<Record<Architecture, () => unknown[]>> = {
  PerceiverForMaskedLM: () => texts(),
  PerceiverForSequenceClassification: () => texts(),
  PerceiverForImageClassificationLearned: () => image([2, 3, 4, 4]),
  PerceiverForImageClassificationFourier: () => image([2, 3, 8, 6]),
  PerceiverForImageClassificationConvProcessing: () => image([2, 3, 26, 32]),
  PerceiverForOpticalFlow: () => image([1, 2, 27, 5, 6]),
  PerceiverForMultimodalAutoencoding: () => [
    {
      image: channelsLast(floats('image', [1, 2, 3, 12, 12])),
      audio: floats('audio', [1, 16, 1]),
      label: tf.zeros([1, 5]),
    },
    { image: [0, 7, 119], audio: [1, 3] },
  ],
};

type Apply = (params: unknown, state: unknown, options: object, ...inputs: unknown[]) => { output: unknown };

/** The flow model as Hugging Face has it: of patches, and not in pixels. */
const applyOf = (architecture: Architecture, model: AnyModel): Apply =>
  (architecture === 'PerceiverForOpticalFlow'
    ? transformWithState(flowOfPatches({ ...model.config, flowScale: 1 })).apply
    : model.apply) as Apply;

const outputsOf = (
  architecture: Architecture,
  model: AnyModel,
  { params, state = {} }: Weights,
): Readonly<Record<string, tf.Tensor>> => {
  const { output } = applyOf(architecture, model)(params, state, {}, ...inputs[architecture]());
  return isTensor(output) ? { '': output } : (output as Readonly<Record<string, tf.Tensor>>);
};

/** The difference between a model's outputs and PyTorch's, as a share of the largest. */
const distance = (architecture: Architecture, model: AnyModel): number => {
  const weights = rightOf(adopt(model)(rightOf(toHaikuNames()(checkpointOf(architecture)))));
  const found = outputsOf(architecture, model, weights);
  const far = Object.entries(tiny[architecture].outputs).map(([name, { shape, data }]) => {
    if (String(found[name].shape) !== String(shape)) throw new Error(`${name}: ${found[name].shape}`);
    const own = found[name].dataSync();
    const largest = Math.max(...data.map(Math.abs));
    return Math.max(...data.map((value, i) => Math.abs(value - own[i]))) / largest;
  });
  return Math.max(...far);
};

for (const architecture of architectures) {
  t.test(`${architecture} gives what PyTorch computed`, async (t) => {
    const off = distance(architecture, made(architecture).model);
    t.ok(off < toleranceOf(architecture), `${off}`);
  });

  t.test(`${architecture} goes back to the names and values that it had`, async (t) => {
    const original = checkpointOf(architecture);
    const back = rightOf(toHuggingFaceNames()(rightOf(toHaikuNames()(original))));
    t.equal(back.architecture, architecture);
    const [first, second] = [original, back].map(stateDict);
    t.same([...second.keys()].sort(), [...first.keys()].sort());
    for (const [name, stored] of first) {
      const found = second.get(name) as HostArray;
      t.same([found.shape, found.dtype], [stored.shape, stored.dtype], name);
      t.ok(Buffer.from(bytesOf(found.data)).equals(bytesOf(stored.data)), name);
    }
  });
}

/** Computations of Hugging Face's that differ from DeepMind's code, each with the option for it. */
const differences: readonly (readonly [Architecture, what: string, changes: object])[] = [
  ...architectures
    // The one with `gelu_new` is what tells that the key is read.
    .filter((architecture) => architecture !== 'PerceiverForImageClassificationFourier')
    .map(
      (architecture) =>
        [architecture, "the encoder's exact GELU", { encoder: { activation: 'geluTanh' } }] as const,
    ),
  [
    'PerceiverForImageClassificationFourier',
    'the tanh form where hidden_act says gelu_new',
    { encoder: { activation: 'geluExact' } },
  ],
  ['PerceiverForMaskedLM', "the decoder's exact GELU", { decoder: { activation: 'geluTanh' } }],
  ['PerceiverForMaskedLM', 'queries without a mask', { maskQueries: true }],
  [
    'PerceiverForImageClassificationLearned',
    "the decoder's residual",
    { decoder: { useQueryResidual: false } },
  ],
  [
    'PerceiverForImageClassificationConvProcessing',
    'symmetric padding',
    { preprocessor: { features: { padding: 'same' } } },
  ],
];

for (const [architecture, what, changes] of differences) {
  t.test(`${architecture} needs ${what}`, async (t) => {
    const { model } = made(architecture);
    const changed = families[architecture].preset.decode(override(model.config, changes));
    const off = distance(architecture, rightOf<AnyModel>(changed));
    t.ok(off > 2 * toleranceOf(architecture), `${off}`);
  });
}
