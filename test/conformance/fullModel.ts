/** A published model at full size, with the weights by seed and the inputs of `renga verify`. */
import { map as mapRecord } from 'fp-ts/lib/Record.js';
import type { HostArray } from '../../lib/data/array.js';
import { toTensor, type Weights } from '../../lib/data/leaf.js';
import { refill } from '../../lib/data/nest.js';
import { isSpec } from '../../lib/language/outline.js';
import { key } from '../../lib/random/index.js';
import { layerFunction, type LayerFunction } from '../../lib/stablehlo/index.js';
import { perturb, unitVariances, type Verification } from '../../presets/verify/verify.js';
import { expectedOf, feedsOf, preparedFor } from '../onnx/full.js';

/** The model as a function of its weights and inputs. */
export interface FullModel extends LayerFunction {
  readonly weights: Weights<HostArray>;
  /** Parameters, and state where there is any. */
  readonly own: readonly unknown[];
  readonly inputs: readonly unknown[];
  /** The values that the original computed. */
  readonly expected: Verification;
}

export const fullModel = async (name: string): Promise<FullModel> => {
  const expected = expectedOf(name);
  const prepared = await preparedFor(expected);
  const { program, inputs, recipe } = prepared;
  const tensors = mapRecord(toTensor)(inputs.arrays);
  const { params, state } = program.init(key(recipe.initKey, recipe.mode), tensors, inputs.points);
  perturb(params, recipe);
  const { network, openInputs, names } = program.model;
  const hasState = Object.keys(state).length > 0;
  const weights = hasState ? { params, state: unitVariances(state) } : { params };
  return {
    ...layerFunction(network, openInputs, { names }),
    weights,
    own: Object.values(weights),
    inputs: refill<readonly unknown[]>(openInputs, isSpec, feedsOf(prepared)),
    expected,
  };
};
