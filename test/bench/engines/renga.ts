/**
 * The library itself: its presets and layers, and for single kernels the operations that they are made of.
 */
import * as tf from '@tensorflow/tfjs-core';
import { engine as startEngine } from '../../../lib/engine/index.js';
import type { Params } from '../../../lib/leaf.js';
import { mapWithPath, splitPath, type Tree } from '../../../lib/tree.js';
import type { AnyPreset } from '../../../presets/any.js';
import * as presets from '../../../presets/index.js';
import type { Engine } from '../engine.js';
import type { Ops } from '../ops.js';
import { serve } from '../serve.js';
import { inputTensor, keptParams, preparedTensors } from '../tensors.js';
import type { LibraryCall, Work } from '../work.js';
import { rengaOps } from './rengaOps.js';

type Param = Ops<tf.Tensor>['param'];
type Run = (inputs: readonly tf.Tensor[]) => readonly tf.Tensor[];

/** A tree with the benchmark's values in the places of its specs. */
const filled = <A extends { readonly shape: readonly number[] }>(tree: Tree<A>, param: Param) =>
  mapWithPath(tree, (path, { shape }) => param(...splitPath(path), shape)) as Params<tf.Tensor>;

const presetRun = ({ name, changes }: LibraryCall & { kind: 'preset' }, param: Param): Run => {
  const found = Object.values(presets as unknown as Record<string, AnyPreset>).find(
    (preset) => preset?.card?.name === name,
  );
  if (!found) throw new Error(`there is no preset '${name}'`);
  const model = found(changes as never);
  const params = filled(model.outline.params, param);
  return (inputs) => [model.apply(params, {}, {}, ...(inputs as never[])).output as unknown as tf.Tensor];
};

const runOf = ({ library, program }: Work, param: Param): Run => {
  if (library.kind === 'preset') return presetRun(library, param);
  const ops = rengaOps(param);
  return (inputs) => program(ops, inputs);
};

const engine: Engine = {
  start: async (threads) => {
    const info = await startEngine({ backend: 'wasm', threads });
    if (info.backend !== 'wasm') throw new Error(`the wasm backend does not run: ${info.reason}`);
    if (info.threads < threads) throw new Error(`it has ${info.threads} thread here, not ${threads}`);
    return {};
  },
  prepare: async (work) => {
    const tensors = work.inputs.map((input) => inputTensor(tf, input));
    const run = runOf(work, keptParams(tf));
    return preparedTensors(tf, () => run(tensors));
  },
};

serve(engine);
