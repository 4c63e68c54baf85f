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
import { key } from '../../lib/random/index.js';
import { toHuggingFace } from '../../presets/huggingFace/fromHuggingFace.js';
import { toHuggingFaceNames } from '../../presets/huggingFace/trees.js';
import type { Weights } from '../../presets/preset.js';
import { type Arrays, type Named, readArrays } from '../golden/case.js';
import { type Check, failing } from '../golden/compare.js';
import { inputsOf, outputsOf } from '../golden/huggingFace.js';
import { compareOutputs, type Finding, finding, type Group } from './finding.js';
import { anyModelOf, fullCase, type HuggingFaceCase, smallCases } from './huggingFaceCases.js';
import { noisy } from './noisy.js';
import { runScript } from './process.js';
import { rightOf } from './read.js';

/** By the key `key(4)`; a first batch sets the state where there is one. */
const weightsOf = (tried: HuggingFaceCase) => {
  const { params, state } = anyModelOf(tried).init(key(4));
  return { params: tried.isNoisy ? noisy(params) : params, state };
};

/** A folder as `save_pretrained` makes it, with the inputs beside. */
const writeModel = async (
  folder: string,
  tried: HuggingFaceCase,
  weights: ReturnType<typeof weightsOf>,
): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  const written = toHuggingFace(anyModelOf(tried));
  writeFileSync(join(folder, 'config.json'), JSON.stringify(written?.config));
  writeFileSync(join(folder, 'inputs.npz'), formatNpz(tried.inputs));
  const { architecture } = tried.made;
  const { params } = rightOf(showNamesError)(toHuggingFaceNames({ architecture })(weights));
  const format = {
    format: 'safetensors',
    separator: '.',
    metadata: { format: 'pt' },
    ...(tried.shardSize !== undefined && { shardSize: tried.shardSize }),
  } as const;
  rightOf(showCheckpointError)(
    await writeCheckpoint(join(folder, 'model.safetensors'), { params }, format)(),
  );
};

const apply = (tried: HuggingFaceCase, weights: Weights): Named => {
  const placed = inputsOf(tried.inputs);
  try {
    return outputsOf(tried.made, weights, placed, tried.inputs);
  } finally {
    tf.dispose(placed as tf.NamedTensorMap);
  }
};

const nameOf = (name: string): string => (name === '' ? 'out' : `out/${name}`);

const check = (own: Named, theirs: Arrays, missed: Readonly<Record<string, readonly string[]>>): Check[] => [
  ...Object.entries(own).map(([name, output]) =>
    compareOutputs(nameOf(name), theirs.get(nameOf(name))!, output),
  ),
  ...Object.entries(missed).map(([what, names]) => failing(what, names.join(', '))),
];

/** One model there and back. */
const tryModel = async (python: string, folder: string, tried: HuggingFaceCase): Promise<Check[]> => {
  const weights = weightsOf(tried);
  await writeModel(folder, tried, weights);
  const own = apply(tried, weights);
  const missed = (await runScript(python, 'apply_hugging_face.py', folder)) as Record<
    string,
    Record<string, string[]>
  >;
  return check(own, readArrays(join(folder, 'out.npz')), missed[folder]);
};

/** Everything that Hugging Face loads. */
export const toHuggingFaceGroup = async (python: string, work: string, isFull: boolean): Promise<Group> => {
  const findings: Finding[] = [];
  for (const tried of smallCases())
    findings.push(
      await finding(`\`${tried.name}\`, small`, () => tryModel(python, join(work, tried.name), tried)),
    );
  if (isFull) {
    const full = fullCase();
    const what = `\`${full.made.architecture}\`, the preset \`${full.name}\` at full size by seed, in shards`;
    findings.push(await finding(what, () => tryModel(python, join(work, full.name), full)));
  }
  return {
    title: 'Written here, loaded by transformers',
    doc: '`config.json` and safetensors as `from_pretrained` takes them, no weight missing and none left over; logits on the same inputs.',
    findings,
  };
};
