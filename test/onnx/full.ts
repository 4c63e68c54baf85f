/** The published presets at full size, with weights by seed, exported: as `renga verify` makes them. */
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { map as mapRecord } from 'fp-ts/lib/Record.js';
import { isTensor, toTensor } from '../../lib/index.js';
import { partsOf } from '../../lib/data/nest.js';
import { exportOnnx, type OnnxModel, writeOnnx } from '../../lib/onnx/index.js';
import { isSpec } from '../../lib/language/outline.js';
import { key } from '../../lib/random/index.js';
import { verifications } from '../presets/originals.js';
import {
  perturb,
  prepare,
  type Prepared,
  unitVariances,
  type Verification,
} from '../../presets/verify/verify.js';

const right = <A>(result: E.Either<unknown, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

/** The original's values for a preset. */
export const expectedOf = (name: string): Verification =>
  JSON.parse(readFileSync(verifications[name], 'utf8')) as Verification;

/** A preset at full size with the verification's inputs. */
export const preparedFor = async (expected: Verification): Promise<Prepared> =>
  right(await prepare(expected));

/** Tensors anywhere in what a model is called with, numbers of points too, in order. */
const tensorsIn = (part: unknown): tf.Tensor[] => {
  if (isTensor(part)) return [part];
  if (Array.isArray(part) && part.every((n) => typeof n === 'number'))
    return [tf.tensor1d(Int32Array.from(part), 'int32')];
  return typeof part === 'object' && part !== null ? Object.values(part).flatMap(tensorsIn) : [];
};

/** Writes the model with its weights, and gives what it wrote. */
export const write = async ({ program, inputs, recipe }: Prepared, path: string): Promise<OnnxModel> => {
  const tensors = mapRecord(toTensor)(inputs.arrays);
  const { params, state } = program.init(key(recipe.initKey, recipe.mode), tensors, inputs.points);
  perturb(params, recipe);
  const { network, openInputs, names } = program.model;
  const model = exportOnnx(network, { params, state: unitVariances(state) }, openInputs, { names });
  right(await writeOnnx(path, model)());
  return model;
};

/** Inputs of the graph in their order and with their types: a mask of ones and zeros may be either here. */
export const feedsOf = ({ program, inputs }: Prepared): tf.Tensor[] => {
  const given = tensorsIn(program.argumentsOf(mapRecord(toTensor)(inputs.arrays), inputs.points));
  const specs = partsOf(program.model.openInputs, isSpec);
  return given.map((tensor, i) => tf.cast(tensor, specs[i].dtype ?? 'float32'));
};
