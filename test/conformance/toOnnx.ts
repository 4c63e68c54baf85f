/** Models exported here, checked by onnx and run by onnxruntime, both Python's: outputs are those computed here. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../../lib/data/array.js';
import { formatNpz, showCheckpointError } from '../../lib/checkpoint/index.js';
import { isTensor, toHostSync } from '../../lib/data/leaf.js';
import { partsOf } from '../../lib/data/nest.js';
import { exportOnnx, type OnnxModel, writeOnnx } from '../../lib/onnx/index.js';
import { presets } from '../../presets/index.js';
import { verifications } from '../presets/originals.js';
import { compareOutput } from '../../presets/verify/verify.js';
import { readArrays } from '../golden/case.js';
import { type Check, failing } from '../golden/compare.js';
import { expectedOf, feedsOf, preparedFor, write } from '../onnx/full.js';
import { smallInputs, smallModel, smallWeights } from '../presets/small.js';
import { compareOutputs, type Finding, finding, type Group } from './finding.js';
import { runScript } from './process.js';
import { rightOf } from './read.js';

/** Another runtime sums in another order. */
const share = 1e-4;

interface Tried {
  readonly what: string;
  readonly folder: string;
  /** Of what Python found. */
  readonly compare: (outputs: ReadonlyMap<string, HostArray>) => readonly Check[];
}

/** Names of a model's inputs and outputs. */
const namesOf = ({ message: { graph } }: OnnxModel): readonly (readonly string[])[] =>
  [graph?.input, graph?.output].map((values = []) => values.map(({ name }) => name));

const writeInputs = (folder: string, names: readonly string[], tensors: readonly tf.Tensor[]): void =>
  writeFileSync(
    join(folder, 'inputs.npz'),
    formatNpz(names.map((name, i) => [name, toHostSync(tensors[i])] as const)),
  );

const prepareSmall = async (work: string, name: string): Promise<Tried> => {
  const folder = join(work, `small-${name}`);
  mkdirSync(folder, { recursive: true });
  const model = smallModel(name);
  const weights = smallWeights(model);
  const inputs = smallInputs(model, { batch: 2, entities: 5, image_points: 3, audio_points: 2 }) as never[];
  const { output } = model.apply(weights.params, weights.state, {}, ...inputs);
  const own = partsOf(output, isTensor).map(toHostSync);
  const exported = exportOnnx(model.network, weights, model.openInputs, { names: model.names });
  rightOf(showCheckpointError)(await writeOnnx(join(folder, 'model.onnx'), exported)());
  const [given, outputs] = namesOf(exported);
  writeInputs(folder, given, partsOf(inputs, isTensor));
  const compare: Tried['compare'] = (found) =>
    outputs.map((each, i) => compareOutputs(each, found.get(each) as HostArray, own[i], share));
  return { what: `\`${name}\`, small, of any batch`, folder, compare };
};

const prepareFull = async (work: string, name: string): Promise<Tried> => {
  const folder = join(work, `full-${name}`);
  mkdirSync(folder, { recursive: true });
  const expected = expectedOf(name);
  const prepared = await preparedFor(expected);
  const [given] = namesOf(await write(prepared, join(folder, 'model.onnx')));
  const feeds = feedsOf(prepared);
  writeInputs(folder, given, feeds);
  tf.dispose(feeds);
  const compare: Tried['compare'] = (found) => {
    const outputs = new Map([...found].map(([key, array]) => [key.replace('decoded.', ''), array]));
    const only = outputs.size === 1 ? [...outputs.values()][0] : undefined;
    return Object.entries(expected.outputs).map(([output, sampled]): Check => {
      const {
        difference = Infinity,
        tolerance = 0,
        problem,
      } = compareOutput(output, outputs.get(output) ?? only, sampled);
      return { array: output, error: difference, tolerance, ...(problem !== undefined && { problem }) };
    });
  };
  return { what: `\`${name}\`, full size, against what the original computed`, folder, compare };
};

const tryModels = async (python: string, tried: readonly Tried[]): Promise<Finding[]> => {
  const folders = tried.map(({ folder }) => folder);
  const wrong = (await runScript(python, 'run_onnx.py', ...folders)) as Record<string, readonly string[]>;
  return Promise.all(
    tried.map(({ what, folder, compare }) =>
      finding(what, () =>
        wrong[folder].length > 0
          ? wrong[folder].map((problem) => failing('model.onnx', problem))
          : compare(readArrays(join(folder, 'out.npz'))),
      ),
    ),
  );
};

const title = 'Exported here, run by onnxruntime';

/** All presets at small size. */
export const toOnnx = async (python: string, work: string): Promise<Group> => {
  const small: Tried[] = [];
  for (const name of Object.keys(presets)) small.push(await prepareSmall(work, name));
  return {
    title,
    doc: "onnx's checker and strict shape inference pass; outputs of Python's onnxruntime on the same inputs.",
    findings: await tryModels(python, small),
  };
};

/** The published models at full size, one after the other. */
export const toOnnxFull = async (python: string, work: string): Promise<Group> => {
  const findings: Finding[] = [];
  for (const name of Object.keys(verifications)) {
    const tried = await prepareFull(work, name);
    findings.push(...(await tryModels(python, [tried])));
    rmSync(tried.folder, { recursive: true });
  }
  return { title, doc: 'At full size the weights are those of `renga verify`, by seed.', findings };
};
