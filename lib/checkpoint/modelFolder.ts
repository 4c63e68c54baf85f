/**
 * A model's folder as hubs have it: `config.json` beside weights in one file, or in several with an index. What the
 * config says and what the weights are called is other files' matter.
 */
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Checkpoint } from './checkpoint.js';
import { openCheckpoint } from './checkpointFile.js';
import type { CheckpointError } from './error.js';
import { readFile } from '../files/fileSource.js';
import { inFile, refuseFile } from '../files/error.js';
import { fileSystem } from '../files/fileSystem.js';
import { parseJson } from '../files/json.js';
import { allOf } from '../files/source.js';

/** The contents of a model's folder. */
export interface ModelFolder {
  /** `config.json` as it stands there. */
  readonly config: unknown;
  readonly configPath: string;
  /** Opened, not read: see `openCheckpoint`. */
  readonly checkpoint: Checkpoint;
  readonly weightsPath: string;
}

/** Names that weights have, the one that is preferred first. */
const weightNames = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
] as const;

/** Configs have some kilobytes; a file of labels may have a megabyte. */
const longestConfig = 1 << 24;

const readJson = async (path: string): Promise<E.Either<CheckpointError, unknown>> => {
  const { fs } = await fileSystem();
  const { size } = await fs.promises.stat(path);
  if (size > longestConfig) return refuseFile(`${size} bytes, expected at most ${longestConfig}`);
  const text = new TextDecoder().decode(allOf(await readFile(path)));
  return E.mapLeft((problem: string): CheckpointError => ({ kind: 'io', path, problem }))(parseJson(text));
};

const weightsIn = async (directory: string): Promise<string> => {
  const { fs, path } = await fileSystem();
  const name = weightNames.find((name) => fs.existsSync(path.join(directory, name)));
  if (name === undefined) return refuseFile(`has no weights: ${weightNames.slice(0, 3).join(', ')}`);
  return path.join(directory, name);
};

/**
 * Opens a folder: its config is read, its weights are opened.
 * @param directory  it holds `config.json`, and weights by the names that transformers gives them
 */
export const openModelFolder = (directory: string): TE.TaskEither<CheckpointError, ModelFolder> =>
  pipe(
    inFile(directory, async () => {
      const { path } = await fileSystem();
      return { configPath: path.join(directory, 'config.json'), weightsPath: await weightsIn(directory) };
    }),
    TE.chain((paths) =>
      pipe(
        TE.Do,
        TE.bind('config', () =>
          TE.chainEitherK((read: E.Either<CheckpointError, unknown>) => read)(
            inFile(paths.configPath, () => readJson(paths.configPath)),
          ),
        ),
        TE.bind('checkpoint', () => openCheckpoint(paths.weightsPath)),
        TE.map((folder) => ({ ...folder, ...paths })),
      ),
    ),
  );
