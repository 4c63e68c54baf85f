/**
 * The folder `modules`: one program for each kind of layer. Layers are made from the original's constructor
 * arguments by `fromHaiku` and by nothing else; which program a case is, its `source` says.
 */
import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { showConfigProblem } from '../../lib/data/config.js';
import type { Scope } from '../../lib/language/scope.js';
import { construct, fromHaiku, type HaikuModule } from '../../modules/haiku/fromHaiku.js';
import type { Preprocessed } from '../../modules/processor.js';
import { type Golden, goldenOf, type IndexEntry, readArrays } from './case.js';
import type { Check } from './compare.js';
import { checkProgram, type Inputs, type Outputs } from './program.js';

/** The case that a program is made for. */
interface Context {
  readonly entry: IndexEntry;
  readonly golden: Golden;
}

type Run = (s: Scope, inputs: Inputs) => Outputs;

const batchOf = (x: tf.Tensor): number => x.shape[0];

/** With positions, and without them. */
const twoOf = ({ inputs, withoutPositions }: Preprocessed): Inputs => ({
  0: inputs,
  1: withoutPositions as tf.Tensor,
});

/** The program of a module: how its case calls it. */
export const programOf = (made: HaikuModule, { entry, golden }: Context): Run => {
  switch (made.kind) {
    case 'attend':
      return (s, { q, k, v, mask }) => construct(s, made)(q, k, v, mask);
    case 'attention':
    case 'crossAttention':
      return (s, { q, kv, mask }) => construct(s, made)(q, kv, mask);
    case 'mlp':
    case 'netsMlp':
    case 'spectralNorm':
    case 'linear':
    case 'layerNorm':
    case 'rmsNorm':
    case 'groupNorm':
    case 'instanceNorm':
    case 'conv1d':
    case 'conv2d':
    case 'conv3d':
    case 'conv1dTranspose':
    case 'conv2dTranspose':
    case 'conv3dTranspose':
    case 'depthwiseConv1d':
    case 'depthwiseConv2d':
    case 'depthwiseConv3d':
    case 'separableDepthwiseConv2d':
    case 'maxPool':
    case 'avgPool':
    case 'bias':
    case 'flatten':
    case 'reshape':
    case 'batchNorm':
    case 'exponentialMovingAverage':
    case 'gelu':
    case 'softmax':
    case 'spaceToDepth':
    case 'depthToSpace':
    case 'extractPatches':
    case 'patchesForFlow':
    case 'conv2dDownsample':
    case 'conv2dUpsample':
    case 'conv3dUpsample':
    case 'imagePostprocessor':
    case 'audioPostprocessor':
    case 'identityPostprocessor':
    case 'classificationPostprocessor':
    case 'projectionPostprocessor':
      return (s, { x }) => construct(s, made)(x);
    case 'embed':
      return (s, { ids }) => construct(s, made)(ids);
    case 'selfAttention':
      return (s, { x, mask }) => construct(s, made)(x, mask);
    case 'fourierPosition':
    case 'builtPosition':
    case 'projectedPosition':
      return (s, { x, pos }) => construct(s, made)(batchOf(x), pos);
    case 'trainablePosition':
      return (s, { x }) => construct(s, made)(batchOf(x));
    case 'embeddingDecoder':
      return (s, { x, table }) => construct(s, made)(x, table);
    case 'imagePreprocessor':
    case 'audioPreprocessor':
      return (s, { x, pos }) =>
        twoOf(construct(s, made)(x, { pos, is1d: entry.call?.network_input_is_1d !== false }));
    case 'oneHotPreprocessor':
      return (s, { x }) => twoOf(construct(s, made)(x));
    case 'multimodalPreprocessor':
      return (s, inputs) => construct(s, made)(inputs).inputs;
    case 'multimodalPostprocessor': {
      const sizes = entry.config.modality_sizes as Readonly<Record<string, number>>;
      return (s, { x }) => construct(s, made)(x, sizes);
    }
    case 'encoder':
      return (s, { x, mask }) => {
        const encoder = construct(s, made);
        return encoder(x, encoder.latents(batchOf(x)), mask);
      };
    case 'projectionDecoder':
    case 'basicDecoder':
    case 'classificationDecoder':
    case 'videoDecoder':
      return (s, { x, z, raw, mask }) => {
        const decoder = construct(s, made);
        const points = golden.inputs.points?.data as Int32Array | undefined;
        const { query } = decoder.decoderQuery(batchOf(x), { inputs: x, withoutPositions: raw, points });
        return decoder(query, z, mask);
      };
    case 'flowDecoder':
      return (s, { x, z }) => {
        const decoder = construct(s, made);
        const asked = construct(s, made); // the caller's queries are another's, which owns no parameters
        return decoder(asked.decoderQuery(batchOf(x), { inputs: x }).query, z);
      };
    case 'multiHeadAttention':
      return (s, { query, key, value, mask }) => construct(s, made)(query, key, value, mask);
    case 'vectorQuantizer':
    case 'vectorQuantizerEma':
      return (s, { x }) => {
        const { quantize, encodingIndices, ...others } = construct(s, made)(x);
        return { quantize, ...others, encoding_indices: encodingIndices };
      };
    case 'lstm':
    case 'gru':
    case 'vanillaRnn':
    case 'emaParamsTree':
    case 'snParamsTree':
    case 'perceiver':
    case 'multimodalDecoder':
      throw new Error(`no program is known for a ${made.kind} by itself`);
  }
};

/** A program's `{audio: AudioPreprocessor, …}`: which class each modality's config belongs to, in their order. */
const modalitiesOf = (program: string, configs: Readonly<Record<string, object>>) => {
  const [, listed = ''] = /modalities = \{([^}]*)\}/.exec(program) ?? [];
  const entries = [...listed.matchAll(/(\w+): (\w+)/g)].map(([, name, className]) => [
    name,
    { class: `io_processors.${className}`, ...configs[name] },
  ]);
  return Object.fromEntries(entries) as Readonly<Record<string, object>>;
};

/** The constructor's arguments; those of modalities get their classes, and what the call takes is left out. */
const argumentsOf = ({ config, program = '' }: IndexEntry): Readonly<Record<string, unknown>> => {
  const { modality_sizes: _call, modalities, ...own } = config;
  if (modalities === undefined) return own;
  return { ...own, modalities: modalitiesOf(program, modalities as Readonly<Record<string, object>>) };
};

export const moduleOf = (entry: IndexEntry): HaikuModule => {
  const read = fromHaiku(entry.source ?? '', argumentsOf(entry));
  if (E.isLeft(read)) throw new Error(read.left.map(showConfigProblem).join('; '));
  return read.right;
};

/** Compares one case of the folder. */
export const checkModule = async (folder: string, entry: IndexEntry): Promise<Check[]> => {
  const golden = goldenOf(readArrays(join(folder, `${entry.case}.npz`)));
  const layer = programOf(moduleOf(entry), { entry, golden });
  return checkProgram({ layer, isTraining: entry.call?.is_training === true }, golden, entry.tolerance);
};
