/** Folders of Hugging Face, a `config.json` beside weights, loaded as a preset's model. */
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import { array, type HostArray } from '../../lib/data/array.js';
import {
  type CheckpointError,
  type ModelFolder,
  type NamesError,
  openModelFolder,
  type ReadOptions,
  showCheckpointError,
  showNamesError,
} from '../../lib/checkpoint/index.js';
import { inFile } from '../../lib/files/error.js';
import { type ConfigProblem, showConfigProblem } from '../../lib/data/config.js';
import { adopt, type AdoptError, type Adopted, showAdoptError } from '../../lib/language/adopt.js';
import { bytes, map } from '../../lib/data/trees.js';
import type { AnyModel } from '../preset.js';
import type { Architecture } from './families.js';
import { fromHuggingFace, type HuggingFaceModel } from './fromHuggingFace.js';
import { toHaikuNames } from './trees.js';

/** The reason why a folder cannot be loaded. */
export type HuggingFaceError =
  | CheckpointError
  | NamesError
  | AdoptError
  /** The config describes no model. */
  | { readonly kind: 'config'; readonly path: string; readonly problems: readonly ConfigProblem[] };

/** An error of a folder as people read it. */
export const showHuggingFaceError = (error: HuggingFaceError): string => {
  switch (error.kind) {
    case 'config':
      return `${error.path}:\n${error.problems.map((problem) => `  ${showConfigProblem(problem)}`).join('\n')}`;
    case 'names':
      return showNamesError(error);
    case 'adopt':
      return showAdoptError(error);
    default:
      return showCheckpointError(error);
  }
};

/** A model with its weights. */
export type LoadedModel = HuggingFaceModel & { readonly weights: Pick<Adopted, 'params' | 'state'> };

export interface LoadOptions extends ReadOptions {
  /** The class, if the config does not name it. */
  readonly architecture?: Architecture;
}

type Weights = LoadedModel['weights'];

const modelOf = (
  { config, configPath: path }: ModelFolder,
  architecture: Architecture | undefined,
): E.Either<HuggingFaceError, HuggingFaceModel> =>
  E.mapLeft((problems: readonly ConfigProblem[]): HuggingFaceError => ({ kind: 'config', path, problems }))(
    fromHuggingFace(config, architecture),
  );

/** Reads all opened arrays into memory, in row-major order. */
const readAll = (weights: Weights, { onProgress }: ReadOptions): Weights => {
  const total = bytes(weights.params) + bytes(weights.state);
  let done = 0;
  const read = (leaf: HostArray): HostArray => {
    const { shape, dtype, data } = leaf;
    onProgress?.((done += data.byteLength), total);
    return array(shape, dtype, data);
  };
  return { params: map(weights.params, read) as Weights['params'], state: map(weights.state, read) };
};

/** Reads the weights of a folder for a model. */
const weightsOf = (
  { checkpoint, weightsPath }: ModelFolder,
  { architecture, model }: HuggingFaceModel,
  options: ReadOptions,
): TE.TaskEither<HuggingFaceError, Weights> =>
  TE.chainEitherKW((read: E.Either<HuggingFaceError, Weights>) => read)(
    inFile(weightsPath, async () =>
      pipe(
        toHaikuNames({ architecture })(checkpoint),
        E.chainW(adopt(model as AnyModel)),
        E.map(({ params, state }) => readAll({ params, state }, options)),
      ),
    ),
  );

/**
 * The model in a folder, with its weights under Haiku's names. It computes what Hugging Face's class computes with them.
 * @param directory  a folder with `config.json` and `model.safetensors`, shards with their index, or `pytorch_model.bin`
 * @example
 * const loaded = await loadHuggingFace('language-perceiver')();
 * if (E.isRight(loaded) && loaded.right.architecture === 'PerceiverForMaskedLM') {
 *   const { model, weights } = loaded.right;
 *   const filled = await model.run(weights, { text: 'an incomplete sen_____' })();
 * }
 */
export const loadHuggingFace = (
  directory: string,
  { architecture, ...options }: LoadOptions = {},
): TE.TaskEither<HuggingFaceError, LoadedModel> =>
  pipe(
    TE.Do,
    TE.bindW('folder', () => openModelFolder(directory)),
    TE.bindW('made', ({ folder }) => TE.fromEither(modelOf(folder, architecture))),
    TE.bindW('weights', ({ folder, made }) => weightsOf(folder, made, options)),
    TE.map(({ made, weights }) => ({ ...made, weights })),
  );
