/**
 * The presets as verifications see them: inputs by name, outputs by name.
 */
import * as tf from '@tensorflow/tfjs-core';
import { either as E } from 'fp-ts';
import type { HostArray } from '../../lib/data/array.js';
import type { ConfigProblem } from '../../lib/data/config.js';
import type { Params, State } from '../../lib/data/leaf.js';
import type { Key } from '../../lib/random/index.js';
import type { ApplyOptions } from '../../lib/language/transform.js';
import type { AnyModel, AnyPreset } from '../any.js';
import { flow } from '../flow/presets.js';
import { imagenetConv, imagenetFourier, imagenetLearned } from '../imagenet/imagenet.js';
import { language } from '../language/presets.js';
import type { MultimodalConfig } from '../multimodal/multimodal.js';
import { multimodal } from '../multimodal/presets.js';
import type { RecipeInputs } from './recipe.js';

type Tensors = Readonly<Record<string, tf.Tensor>>;
type Points = RecipeInputs['points'];

/** A model whose inputs and outputs have names. */
export interface Program {
  readonly model: AnyModel;
  /** What the model is called with, in its order. */
  readonly argumentsOf: (inputs: Tensors, points: Points) => readonly unknown[];
  readonly init: (
    key: Key,
    inputs: Tensors,
    points: Points,
  ) => { params: Params<HostArray>; state: State<HostArray> };
  readonly apply: (
    params: Params,
    state: State,
    options: ApplyOptions,
    inputs: Tensors,
    points: Points,
  ) => Tensors;
}

type Adapter = (config: unknown) => E.Either<readonly ConfigProblem[], Program>;

/** A preset, with what its network is called with and what it gives. */
const adapter =
  (
    preset: AnyPreset,
    argumentsOf: (inputs: Tensors, points: Points, config: never) => readonly unknown[],
    outputsOf: (output: never) => Tensors = (logits: tf.Tensor) => ({ logits }),
  ): Adapter =>
  (config) =>
    E.map((model: ReturnType<AnyPreset>): Program => {
      const given = (inputs: Tensors, points: Points) =>
        argumentsOf(inputs, points, model.config as never) as never[];
      return {
        model,
        argumentsOf: given,
        init: (key, inputs, points) => model.init(key, ...given(inputs, points)),
        apply: (params, state, options, inputs, points) => {
          const { output } = model.apply(params, state, options, ...given(inputs, points));
          return outputsOf(output as never);
        },
      };
    })(preset.fromHaiku(config));

const images = ({ images }: Tensors) => [images];

const span = ([first, last]: readonly [number, number]): number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

const clip = (
  { images, audio }: Tensors,
  { image, audio: heard }: Points,
  { numClasses }: MultimodalConfig,
) => [
  { image: images, audio, label: tf.zeros([images.shape[0], numClasses]) },
  { image: image && span(image), audio: heard && span(heard) },
];

/** By the names of published presets. */
export const adapters: Readonly<Record<string, Adapter>> = {
  language: adapter(language, ({ inputs, input_mask: mask }) => [inputs, mask]),
  'imagenet-learned': adapter(imagenetLearned, images),
  'imagenet-fourier': adapter(imagenetFourier, images),
  'imagenet-conv': adapter(imagenetConv, images),
  flow: adapter(flow, images),
  multimodal: adapter(multimodal, clip, (output: Tensors) => output),
};
