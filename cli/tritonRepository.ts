/** Model repositories of Triton: a folder for each model, with its configuration and a folder for each version. */
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { showCheckpointError } from '../lib/checkpoint/index.js';
import { showInputError } from '../lib/data/inputError.js';
import { withFile, writeBytes } from '../lib/files/bytes.js';
import { makeFolder } from '../lib/files/makeFolder.js';
import type { WriteOptions } from '../lib/files/writeOptions.js';
import { type OnnxModel, tritonConfig, unbatched, writeOnnx, type WrittenOnnx } from '../lib/onnx/index.js';
import { runOrFail } from './failure.js';

/** A model that was written into a repository. */
export interface WrittenTriton extends WrittenOnnx {
  /** The inputs and outputs that have no batch, with their shapes; where there are any, Triton joins no requests. */
  readonly unbatched: readonly string[];
}

/** Writes a model as version 1 into a repository: `NAME/config.pbtxt` and `NAME/1/model.onnx`. */
export const writeTriton = async (
  repository: string,
  name: string,
  model: OnnxModel,
  options: WriteOptions,
): Promise<WrittenTriton> => {
  const version = join(repository, name, '1');
  const make = withFile(version, 'a place for a folder', async () => {
    await makeFolder(version);
    return E.right(undefined);
  });
  await runOrFail(showInputError, make);
  const written = await runOrFail(
    showCheckpointError,
    writeOnnx(join(version, 'model.onnx'), model, options),
  );
  const path = join(repository, name, 'config.pbtxt');
  const config = new TextEncoder().encode(tritonConfig(model, name));
  await runOrFail(showInputError, writeBytes(path, config));
  return {
    files: [...written.files, path],
    bytes: written.bytes + config.length,
    unbatched: unbatched(model),
  };
};
