/**
 * The library's compiled models: its presets and layers, through onnxruntime-node.
 */
import { float32, type HostArray, int32 } from '../../lib/data/array.js';
import type { Params, State } from '../../lib/data/leaf.js';
import type { Engine } from '../engine.js';
import { paramValues } from '../fill.js';
import { inputValues } from '../inputs.js';
import { serve } from '../serve.js';
import type { Work } from '../work.js';
import { type AnyLayer, compiledWork } from './compiledWork.js';
import { filled, layerOf, outlineOf, presetOf } from './rengaPrograms.js';

const param = (path: string, leaf: string, shape: readonly number[]): HostArray =>
  float32(shape, paramValues(path, leaf, shape));

const one = (): HostArray => int32([], [1]);

const networkOf = ({ library, group }: Work): AnyLayer => {
  if (library.kind === 'preset' && group === 'model') return presetOf(library).network as AnyLayer;
  if (library.kind === 'layer') return layerOf(library) as unknown as AnyLayer;
  throw new Error('only models and layers are compiled');
};

const inputOf = (spec: Work['inputs'][number]): HostArray => {
  const values = inputValues(spec);
  return values instanceof Int32Array ? int32(spec.shape, values) : float32(spec.shape, values);
};

let asked = 1;

const engine: Engine = {
  start: async (threads) => void (asked = threads),
  prepare: async (work) => {
    const network = networkOf(work);
    const outlined = outlineOf(work);
    if (!outlined) throw new Error('it has no parameters');
    const weights = {
      params: filled(outlined.params, param, one) as Params<HostArray>,
      state: filled(outlined.state, param, one) as State<HostArray>,
    };
    return compiledWork(work, network, weights, work.inputs.map(inputOf), { threads: asked });
  },
};

serve(engine);
