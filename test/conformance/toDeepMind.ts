/**
 * Pickles written here, loaded by `pickle.load` and applied by DeepMind's own language model: logits are those that the
 * preset computes, for what is padded as for what is not.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { type HostArray, int32 } from '../../lib/data/array.js';
import { formatNpz, showCheckpointError, writeCheckpoint } from '../../lib/checkpoint/index.js';
import { toHostSync, toTensor } from '../../lib/data/leaf.js';
import { key, randint } from '../../lib/random/index.js';
import { language } from '../../presets/index.js';
import type { Weights } from '../../lib/data/leaf.js';
import { showRatio, showSeconds } from '../../lib/data/quantities.js';
import { exportJax, layerFunction } from '../../lib/stablehlo/index.js';
import { readArrays } from '../golden/case.js';
import { type Check } from '../golden/compare.js';
import { compareOutputs, type Finding, finding, type Group } from './finding.js';
import { runScript } from './process.js';
import { rightOf } from './read.js';

type Language = ReturnType<typeof language>;

const small = {
  maxLength: 24,
  modelChannels: 16,
  encoder: { numLatents: 6, numLatentChannels: 32, numSelfAttendsPerBlock: 2, qkChannels: 16, vChannels: 32 },
  decoder: {
    position: { kind: 'trainable', numChannels: 16 },
    qkChannels: 16,
    vChannels: 16,
  },
} as const;

/** Arguments of DeepMind's constructors for a config. */
const sizesOf = ({ config }: Language) => {
  const { vocabSize, maxLength, modelChannels, encoder, decoder } = config;
  const { position } = decoder as { position: { numChannels: number } };
  return {
    vocabulary: vocabSize,
    length: maxLength,
    width: modelChannels,
    encoder: {
      z_index_dim: encoder.numLatents,
      num_z_channels: encoder.numLatentChannels,
      num_blocks: encoder.numBlocks,
      num_self_attends_per_block: encoder.numSelfAttendsPerBlock,
      num_self_attend_heads: encoder.numSelfAttendHeads,
      num_cross_attend_heads: encoder.numCrossAttendHeads,
      qk_channels: encoder.qkChannels,
      v_channels: encoder.vChannels,
    },
    decoder: {
      output_num_channels: encoder.numLatentChannels,
      position_encoding_type: 'trainable',
      output_index_dims: maxLength,
      num_z_channels: encoder.numLatentChannels,
      qk_channels: decoder.qkChannels,
      v_channels: decoder.vChannels,
      num_heads: decoder.numHeads,
      final_project: decoder.finalProject,
      use_query_residual: decoder.useQueryResidual,
      trainable_position_encoding_kwargs: { num_channels: position.numChannels },
    },
  };
};

interface Inputs {
  readonly ids: HostArray;
  readonly mask: HostArray;
}

/** Of the text, the last third is padding. */
const inputsOf = (length: number): Inputs => ({
  ids: randint(key(21), [1, length], 6, 262),
  mask: int32(
    [1, length],
    Int32Array.from({ length }, (_, i) => (i < (2 * length) / 3 ? 1 : 0)),
  ),
});

const apply = (model: Language, { params }: Weights, { ids, mask }: Inputs): HostArray => {
  const logits = tf.tidy(() => model.apply(params, {}, {}, toTensor(ids), toTensor(mask)).output);
  const own = toHostSync(logits);
  logits.dispose();
  return own;
};

const tryModel = async (python: string, code: string, folder: string, model: Language): Promise<Check[]> => {
  mkdirSync(folder);
  const weights = model.init(key(4));
  const inputs = inputsOf(model.config.maxLength);
  writeFileSync(join(folder, 'sizes.json'), JSON.stringify(sizesOf(model)));
  writeFileSync(join(folder, 'inputs.npz'), formatNpz(Object.entries(inputs)));
  const pickle = join(folder, 'model.pickle');
  rightOf(showCheckpointError)(
    await writeCheckpoint(pickle, { params: weights.params }, { format: 'pickle' })(),
  );
  const own = apply(model, weights, inputs);
  await runScript(python, 'apply_deepmind.py', code, folder);
  return [compareOutputs('logits', readArrays(join(folder, 'out.npz')).get('out') as HostArray, own)];
};

/** Seconds of each run, in turn. */
interface Timed {
  readonly deepmind: readonly number[];
  readonly ours: readonly number[];
}

const medianOf = (seconds: readonly number[]): number => {
  const sorted = [...seconds].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
};

/** DeepMind's function and the exported one with one pickle: their outputs compared, and a line with their times. */
const tryJit = async (
  python: string,
  code: string,
  folder: string,
  { model, rounds, name }: { readonly model: Language; readonly rounds: number; readonly name: string },
): Promise<{ readonly finding: Finding; readonly note: string }> => {
  mkdirSync(folder);
  const { params } = model.init(key(4));
  const inputs = inputsOf(model.config.maxLength);
  const write = (file: string, content: string | Uint8Array) => writeFileSync(join(folder, file), content);
  write('sizes.json', JSON.stringify(sizesOf(model)));
  write('inputs.npz', formatNpz(Object.entries(inputs)));
  const pickle = join(folder, 'model.pickle');
  rightOf(showCheckpointError)(await writeCheckpoint(pickle, { params }, { format: 'pickle' })());
  const { f, specs, names } = layerFunction(model.network, model.openInputs, { names: model.names });
  write('model.jax', exportJax(f, specs, { names }));
  let note = '';
  const what = `language, ${name}: DeepMind's function and the exported one, both under \`jax.jit\``;
  const compared = await finding(what, async () => {
    const timed = (await runScript(python, 'jit_deepmind.py', code, folder, String(rounds))) as Timed;
    const [theirs, ours] = [medianOf(timed.deepmind), medianOf(timed.ours)];
    note = `${name}: ${showSeconds(theirs)} for DeepMind's and ${showSeconds(ours)} for the exported one, ${showRatio(theirs / ours)}`;
    const out = readArrays(join(folder, 'out.npz'));
    return [compareOutputs('logits', out.get('ours') as HostArray, out.get('deepmind') as HostArray)];
  });
  return { finding: compared, note };
};

/** The published language model as a function of JAX's: DeepMind's own, and the one exported here in its place. */
export const besideDeepMind = async (
  python: string,
  work: string,
  code: string,
  isFull: boolean,
): Promise<Group> => {
  const cases = [
    { name: 'small', model: language(small), rounds: 101 },
    ...(isFull ? [{ name: 'full size by seed', model: language(), rounds: 5 }] : []),
  ];
  const tried: Awaited<ReturnType<typeof tryJit>>[] = [];
  for (const [i, each] of cases.entries())
    tried.push(await tryJit(python, code, join(work, `jit-${i}`), each));
  const notes = tried.map(({ note }) => note).filter((note) => note !== '');
  return {
    title: "DeepMind's function and the exported one in each other's place",
    doc: `In one program of JAX, DeepMind's Haiku function and the file of \`renga export --to jax\` are called under \`jax.jit\` with the same pickle and the same inputs, in turn.\n\nThe median time of a run, compiling not counted: ${notes.join('; ')}. Times are a note, not a condition.`,
    findings: tried.map(({ finding: each }) => each),
  };
};

/** Everything that DeepMind's code is tried with. */
export const toDeepMind = async (
  python: string,
  work: string,
  code: string,
  isFull: boolean,
): Promise<Group> => {
  const models: readonly (readonly [name: string, what: string, model: Language])[] = [
    ['deepmind-small', 'language, small', language(small)],
    ...(isFull ? [['deepmind-full', 'language, full size by seed', language()] as const] : []),
  ];
  const findings: Finding[] = [];
  for (const [name, what, model] of models)
    findings.push(
      await finding(`a pickle of \`dict\`: ${what}`, () => tryModel(python, code, join(work, name), model)),
    );
  return {
    title: "Written here, applied by DeepMind's Perceiver",
    doc: "Loaded by `pickle.load` alone; logits of the language model as DeepMind's own code computes them, a third of the text padded.",
    findings,
  };
};
