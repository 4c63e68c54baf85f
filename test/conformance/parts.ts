/** The parts of conformance by name: each is run by itself, and its rows stand on the page until it is run again. */
import { resolve } from 'node:path';
import { map as mapRecord } from 'fp-ts/lib/Record.js';
import type { Group } from './finding.js';
import { fromMedia } from './fromMedia.js';
import { fromPython } from './fromPython.js';
import { goOn } from './goOn.js';
import { fullInEngines, presetsInEngines } from './presetsInEngines.js';
import { besideDeepMind, toDeepMind } from './toDeepMind.js';
import { toHaiku } from './toHaiku.js';
import { toHubCache } from './toHubCache.js';
import { toHuggingFaceGroup } from './toHuggingFace.js';
import { toJax, toJaxFull } from './toJax.js';
import { toJaxDraws } from './toJaxDraws.js';
import { toJaxTraining } from './toJaxTraining.js';
import { toOnnx, toOnnxFull } from './toOnnx.js';
import { toPerceiverPytorch } from './toPerceiverPytorch.js';
import { toSampling } from './toSampling.js';
import { toTriton } from './toTriton.js';
import { type Named, smallTrainings } from './smallTrainings.js';
import { trainingInEngines } from './trainingsInEngines.js';

export interface PartOptions {
  /** True for all but the models at full size. */
  readonly isSmall: boolean;
  /** The folder that has DeepMind's `perceiver`. */
  readonly deepmind?: string;
}

export interface Part {
  readonly run: (python: string, work: string, options: PartOptions) => Promise<Group>;
  /** The Python packages that the other side is. */
  readonly packages: readonly string[];
  /** The npm packages that are held to this library, beside it. */
  readonly modules?: readonly string[];
  /** True for a part that needs the option `--deepmind`. */
  readonly needsDeepMind?: boolean;
  /** True for a part of nothing but models at full size. */
  readonly isFull?: boolean;
}

/** The two other engines. */
const beside = { packages: ['jax', 'numpy'], modules: ['onnxruntime-node'] };

const haiku = ['dm-haiku', 'jax', 'numpy'];

/** In the order of the page. */
export const parts: Readonly<Record<string, Part>> = {
  engines: { run: presetsInEngines, ...beside },
  fullLanguage: { run: fullInEngines('language'), ...beside, isFull: true },
  fullConv: { run: fullInEngines('imagenet-conv'), ...beside, isFull: true },
  ...mapRecord((each: Named): Part => ({ run: trainingInEngines(each), ...beside }))(smallTrainings),
  python: {
    run: fromPython,
    packages: [
      'dm-haiku',
      'flax',
      'jax',
      'ml_dtypes',
      'numpy',
      'optax',
      'orbax-checkpoint',
      'safetensors',
      'torch',
    ],
  },
  media: { run: fromMedia, packages: ['librosa', 'numpy', 'pillow', 'soundfile'] },
  haiku: { run: toHaiku, packages: haiku },
  sampling: { run: toSampling, packages: ['jax', 'numpy'] },
  cache: { run: toHubCache, packages: ['huggingface_hub'] },
  deepmind: {
    run: (python, work, { deepmind = '', isSmall }) => toDeepMind(python, work, resolve(deepmind), !isSmall),
    packages: haiku,
    needsDeepMind: true,
  },
  perceiverPytorch: { run: toPerceiverPytorch, packages: ['numpy', 'perceiver-pytorch', 'torch'] },
  huggingFace: {
    run: (python, work, { isSmall }) => toHuggingFaceGroup(python, work, !isSmall),
    packages: ['numpy', 'safetensors', 'torch', 'transformers'],
  },
  onnx: { run: toOnnx, packages: ['numpy', 'onnx', 'onnxruntime'] },
  onnxFull: { run: toOnnxFull, packages: ['numpy', 'onnx', 'onnxruntime'], isFull: true },
  jax: { run: toJax, packages: ['jax', 'numpy'] },
  jaxDraws: { run: toJaxDraws, packages: ['jax', 'numpy'] },
  jaxFull: { run: toJaxFull, packages: ['jax', 'numpy'], isFull: true },
  jaxBesideDeepmind: {
    run: (python, work, { deepmind = '', isSmall }) =>
      besideDeepMind(python, work, resolve(deepmind), !isSmall),
    packages: haiku,
    needsDeepMind: true,
  },
  jaxTraining: { run: toJaxTraining, packages: ['jax', 'numpy'] },
  goOn: { run: goOn, packages: ['dm-haiku', 'jax', 'numpy', 'optax'] },
  triton: { run: toTriton, packages: ['tritonclient'] },
};
