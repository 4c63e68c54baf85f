/** Models written here for Hugging Face, loaded by `from_pretrained`: logits are those that this library computes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import {
  formatNpz,
  showCheckpointError,
  showNamesError,
  writeCheckpoint,
} from '../../lib/checkpoint/index.js';
import type { HostArray } from '../../lib/data/array.js';
import { key } from '../../lib/random/index.js';
import type { AnyModel } from '../../presets/preset.js';
import { toHuggingFace } from '../../presets/huggingFace/fromHuggingFace.js';
import { toHuggingFaceNames } from '../../presets/huggingFace/trees.js';
import type { Weights } from '../../lib/data/leaf.js';
import { type Named, readArrays } from '../golden/case.js';
import { type Check, failing } from '../golden/compare.js';
import { inputsOf, outputsOf } from '../golden/huggingFace.js';
import { compareOutputs, type Finding, finding, type Group } from './finding.js';
import { fullCase, type HuggingFaceCase, smallCases } from './huggingFaceCases.js';
import { noisy } from './noisy.js';
import { runScript } from './process.js';
import { rightOf } from './read.js';

const modelOf = ({ made }: HuggingFaceCase): AnyModel => made.model;

/** By the key `key(4)`; a first batch sets the state where there is one. */
const weightsOf = (tried: HuggingFaceCase) => {
  const { params, state } = modelOf(tried).init(key(4));
  return { params: tried.isNoisy ? noisy(params) : params, state };
};

/** The files of a model. */
interface Written extends Pick<HuggingFaceCase, 'inputs' | 'shardSize'> {
  readonly model: AnyModel;
}

/** A folder as `save_pretrained` makes it, with the inputs beside. */
export const writeModel = async (
  folder: string,
  { model, inputs, shardSize }: Written,
  weights: ReturnType<typeof weightsOf>,
): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  const written = toHuggingFace(model);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(written?.config));
  writeFileSync(join(folder, 'inputs.npz'), formatNpz(inputs));
  const { params } = rightOf(showNamesError)(
    toHuggingFaceNames({ architecture: written?.architecture })(weights),
  );
  const format = {
    format: 'safetensors',
    separator: '.',
    metadata: { format: 'pt' },
    ...(shardSize !== undefined && { shardSize }),
  } as const;
  rightOf(showCheckpointError)(
    await writeCheckpoint(join(folder, 'model.safetensors'), { params }, format)(),
  );
};

const apply = async (tried: HuggingFaceCase, weights: Weights): Promise<Named> => {
  const placed = inputsOf(tried.inputs);
  try {
    return await outputsOf(tried.made, weights, placed, tried.inputs);
  } finally {
    tf.dispose(placed as tf.NamedTensorMap);
  }
};

/** A model that is written, with the outputs that it has here. */
interface Tried {
  readonly what: string;
  readonly folder: string;
  readonly own: Named;
}

const prepare = async (work: string, tried: HuggingFaceCase): Promise<Tried> => {
  const folder = join(work, tried.name);
  const weights = weightsOf(tried);
  await writeModel(folder, { ...tried, model: modelOf(tried) }, weights);
  return { what: tried.what, folder, own: await apply(tried, weights) };
};

type Wrong = Readonly<Record<string, readonly string[]>>;

const check = ({ folder, own }: Tried, wrong: Wrong): Check[] => {
  const problems = Object.entries(wrong).map(([what, names]) => failing(what, names.join(', ')));
  if ('failed' in wrong) return problems;
  const theirs = readArrays(join(folder, 'out.npz'));
  const outputs = Object.entries(own).map(([key, output]) => {
    const name = key === '' ? 'out' : `out/${key}`;
    return compareOutputs(name, theirs.get(name) as HostArray, output);
  });
  return [...outputs, ...problems];
};

/** Models there and back, in one Python. */
const tryModels = async (
  python: string,
  work: string,
  cases: readonly HuggingFaceCase[],
): Promise<Finding[]> => {
  const all: Tried[] = [];
  for (const tried of cases) all.push(await prepare(work, tried));
  const folders = all.map(({ folder }) => folder);
  const wrong = (await runScript(python, 'apply_hugging_face.py', ...folders)) as Record<string, Wrong>;
  return Promise.all(all.map((tried) => finding(tried.what, () => check(tried, wrong[tried.folder]))));
};

/** Everything that Hugging Face loads. */
export const toHuggingFaceGroup = async (python: string, work: string, isFull: boolean): Promise<Group> => {
  const findings = await tryModels(python, work, smallCases());
  if (isFull) findings.push(...(await tryModels(python, work, [fullCase()])));
  return {
    title: 'Written here, loaded by transformers',
    doc: '`config.json` and safetensors as `from_pretrained` takes them, no weight missing and none left over; logits on the same inputs.',
    findings,
  };
};
