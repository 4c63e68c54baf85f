/**
 * The folder `presets`: the published models at small size, by their presets and DeepMind's arguments, and what is put
 * together from the same parts. Which model a case is, its config's own arguments say.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { type ConfigProblem, showConfigProblem } from '../../lib/data/config.js';
import { parseCheckpoint, showCheckpointError } from '../../lib/checkpoint/index.js';
import type { Layer } from '../../lib/language/scope.js';
import {
  audiosetRaw,
  flow,
  glue,
  imagenetFourier,
  language,
  multimodal,
  starcraft,
} from '../../presets/index.js';
import { type Golden, goldenOf, type IndexEntry, readArrays } from './case.js';
import { type Check, compare, compareTrees } from './compare.js';
import { checkProgram, type Inputs, type Outputs } from './program.js';

type Program = Layer<[inputs: Inputs], Outputs>;

const networkOf = <M extends { readonly network: unknown }>(
  read: E.Either<readonly ConfigProblem[], M>,
): M['network'] => {
  if (E.isLeft(read)) throw new Error(read.left.map(showConfigProblem).join('; '));
  return read.right.network;
};

const imageClassifier = (config: unknown): Program => {
  const network = networkOf(imagenetFourier.fromHaiku(config));
  return (s, { images }) => network(s, images);
};

const languageModel = (config: unknown): Program => {
  const network = networkOf(language.fromHaiku(config));
  return (s, { inputs, input_mask: mask }) => network(s, inputs, mask);
};

const flowModel = (config: unknown): Program => {
  const network = networkOf(flow.fromHaiku(config));
  return (s, { images }) => network(s, images);
};

const points = ({ inputs }: Pick<Golden, 'inputs'>, name: string): ArrayLike<number> | undefined =>
  inputs[name]?.data as Int32Array | undefined;

const autoencoder = (config: Readonly<Record<string, unknown>>, golden: Pick<Golden, 'inputs'>): Program => {
  const network = networkOf(multimodal.fromHaiku(config));
  const asked = { image: points(golden, 'image_points'), audio: points(golden, 'audio_points') };
  return (s, { images, audio }) => {
    const label = tf.zeros([images.shape[0], config.num_classes as number]);
    return network(s, { image: images, audio, label }, asked);
  };
};

const entityEncoder = (config: unknown): Program => {
  const network = networkOf(starcraft.fromHaiku(config));
  return (s, { features, mask }) => {
    const { entityEmbeddings, embeddedEntity } = network(s, features, mask);
    return { entity_embeddings: entityEmbeddings, embedded_entity: embeddedEntity };
  };
};

const soundAndVideo = (config: unknown): Program => {
  const network = networkOf(audiosetRaw.fromHaiku(config));
  return (s, { image, audio }) => network(s, { image, audio });
};

type Make = (config: Readonly<Record<string, unknown>>, golden: Pick<Golden, 'inputs'>) => Program;

/** Models, each by an argument that no other has. */
const models: Readonly<Record<string, Make>> = {
  input_preprocessor: imageClassifier,
  train_size: flowModel,
  img_sz: autoencoder,
  num_entities: entityEncoder,
  class_query: soundAndVideo,
  tasks: (config) => {
    const network = networkOf(glue.fromHaiku(config));
    return (s, { inputs, input_mask: mask }) => network(s, inputs, mask);
  },
  max_seq_len: languageModel,
};

/** The program of a config. @throws Error when no model has its arguments, or the arguments do not fit it */
export const programOf: Make = (config, golden) => {
  const own = Object.keys(models).find((name) => Object.hasOwn(config, name));
  if (own === undefined)
    throw new Error(`no model is known with the arguments ${Object.keys(config).join(', ')}`);
  return models[own](config, golden);
};

const exactly = (
  array: string,
  found: Parameters<typeof compare>[1],
  stored: Parameters<typeof compare>[2],
): Check => compare(array, found, stored, 0);

/** The same parameters, as DeepMind publishes them. */
const checkPickle = (path: string, { params, state }: Golden): Check[] => {
  if (!existsSync(path)) return [];
  const read = parseCheckpoint(new Uint8Array(readFileSync(path)));
  if (E.isLeft(read)) throw new Error(`${path}: ${showCheckpointError(read.left)}`);
  return [
    ...compareTrees('pickle', read.right.params, params, exactly),
    ...compareTrees('pickle', read.right.state, state, exactly),
  ];
};

/** Compares one case of the folder. */
export const checkPreset = async (folder: string, entry: IndexEntry): Promise<Check[]> => {
  const golden = goldenOf(readArrays(join(folder, `${entry.case}.npz`)));
  const layer = programOf(entry.config, golden);
  return [
    ...(await checkProgram({ layer, isTraining: false }, golden, entry.tolerance)),
    ...checkPickle(join(folder, `${entry.case}.pickle`), golden),
  ];
};
