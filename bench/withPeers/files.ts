/**
 * A published model's weights and inputs in files, as renga, DeepMind's code and transformers read them.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, int32, sizeOf } from '../../lib/data/array.js';
import { formatNpz, showCheckpointError, writeCheckpoint } from '../../lib/checkpoint/index.js';
import { toHostSync, toTensor } from '../../lib/data/leaf.js';
import { key } from '../../lib/random/index.js';
import { patchesForFlow } from '../../modules/index.js';
import type { AnyModel } from '../../presets/preset.js';
import { perturb } from '../../presets/verify/verify.js';
import { workFolder } from '../../test/conformance/environment.js';
import { rightOf } from '../../test/conformance/read.js';
import { writeModel } from '../../test/conformance/toHuggingFace.js';
import { presetOf } from '../engines/rengaPrograms.js';
import { inputValues } from '../inputs.js';
import type { InputSpec, Span, Work } from '../work.js';

/** The files of a work: the pickle, the preset's inputs, and a folder for each peer. */
export interface Files {
  readonly folder: string;
  readonly pickle: string;
  readonly inputs: string;
  readonly huggingFace: string;
}

export const filesOf = ({ name }: Work): Files => {
  const folder = join(workFolder, 'peers', name.replace(/\W+/g, '-'));
  return {
    folder,
    pickle: join(folder, 'model.pickle'),
    inputs: join(folder, 'inputs.npz'),
    huggingFace: join(folder, 'transformers'),
  };
};

/** The preset of a work, and its name. */
export const presetFor = ({ name, library }: Work): { readonly name: string; readonly model: AnyModel } => {
  if (library.kind !== 'preset') throw new Error(`${name} is no preset`);
  return { name: library.name, model: presetOf(library) };
};

/** A text without padding: transformers lets padded queries attend, DeepMind's code does not. */
const valuesOf = (input: InputSpec): HostArray => {
  const { shape, kind } = input;
  const size = sizeOf(shape);
  if (kind === 'mask') return int32(shape, new Int32Array(size).fill(1));
  const values = inputValues(input);
  return values instanceof Int32Array ? int32(shape, values) : float32(shape, values);
};

const span = ({ first, count }: Span): HostArray =>
  int32(
    [count],
    Int32Array.from({ length: count }, (_, i) => first + i),
  );

type Arrays = Readonly<Record<string, HostArray>>;

/** As the preset and DeepMind's code take them; what is decoded under `…_points`. */
const inputsOf = ({ inputs, library }: Work): Arrays => {
  const points = library.kind === 'preset' ? library.points : undefined;
  return {
    ...Object.fromEntries(inputs.map((input) => [input.name, valuesOf(input)])),
    ...(points && { image_points: span(points.image), audio_points: span(points.audio) }),
  };
};

const onTensor = (array: HostArray, turn: (x: tf.Tensor) => tf.Tensor): HostArray => {
  const turned = tf.tidy(() => turn(toTensor(array)));
  const host = toHostSync(turned);
  turned.dispose();
  return host;
};

/** [..., H, W, C] to [..., C, H, W]. */
const channelsFirst = (x: tf.Tensor): tf.Tensor => {
  const axes = x.shape.map((_, axis) => axis);
  const [height, width, channels] = axes.splice(-3);
  return tf.transpose(x, [...axes, channels, height, width]);
};

/** The same as transformers takes them. */
const forHuggingFace = (preset: string, { ids, mask, images, image, ...rest }: Arrays): Arrays => {
  if (preset === 'language') return { inputs: ids, attention_mask: mask };
  if (preset === 'flow')
    return { inputs: onTensor(images, (x) => channelsFirst(patchesForFlow(x as tf.Tensor5D))) };
  const turned = onTensor(image, channelsFirst);
  if (preset !== 'multimodal') return { inputs: turned };
  return { image: turned, ...rest, label: float32([1, 700], new Float32Array(700)) };
};

/** Names of a preset's outputs in transformers, and the factors that make them the preset's. */
const outputsFor = (preset: string) => ({
  names: preset === 'multimodal' ? ['image', 'audio', 'label'] : [''],
  factor: preset === 'flow' ? 20 : 1,
});

const noise = { mode: 'partitionable', initKey: 4, noise: 0.01, noiseKey: 5, applyKey: 0 } as const;

const write = async (work: Work): Promise<void> => {
  const { folder, pickle, inputs, huggingFace } = filesOf(work);
  const { name, model } = presetFor(work);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(huggingFace, { recursive: true });
  const weights = model.init(key(noise.initKey));
  perturb(weights.params, noise);
  rightOf(showCheckpointError)(await writeCheckpoint(pickle, weights, { format: 'pickle' })());
  const arrays = inputsOf(work);
  writeFileSync(inputs, formatNpz(Object.entries(arrays)));
  const named = Object.entries(forHuggingFace(name, arrays)).map(
    ([each, array]) => [`in/${each}`, array] as const,
  );
  writeFileSync(join(huggingFace, 'outputs.json'), JSON.stringify(outputsFor(name)));
  await writeModel(huggingFace, { model, inputs: new Map(named) }, weights);
};

/** Writes a work's files where they are not there yet. */
export const writeFiles = async (work: Work): Promise<Files> => {
  const files = filesOf(work);
  const whole = join(files.folder, 'whole');
  if (existsSync(whole)) return files;
  await write(work);
  writeFileSync(whole, '');
  return files;
};
