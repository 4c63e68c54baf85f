/** The index of weights that are spread over several files: which files those are. */
import { readFile } from 'node:fs/promises';
import * as E from 'fp-ts/lib/Either.js';
import { attempt, type CheckpointError, showCheckpointError } from '../checkpoint/error.js';
import { filesOf, readShardIndex, type ShardIndex } from '../checkpoint/shardIndex.js';
import { inMemory } from '../files/source.js';
import { refuse } from './error.js';
import { isPlainName } from './reference.js';

/** The files that an index on the disk names, each once; refused when it is no index. */
export const shardsOf = async (path: string, url: URL): Promise<readonly string[]> => {
  const bytes = new Uint8Array(await readFile(path));
  const index: E.Either<CheckpointError, ShardIndex> = attempt(() => readShardIndex(inMemory(bytes)));
  const files = E.isLeft(index) ? wrong(url, showCheckpointError(index.left)) : filesOf(index.right);
  const odd = files.find((name) => !isPlainName(name) || !name.endsWith('.safetensors'));
  if (odd !== undefined) wrong(url, `the file ${JSON.stringify(odd)}`);
  return files.length === 0 ? wrong(url, 'no file') : files;
};

const wrong = (url: URL, found: string): never =>
  refuse({
    kind: 'content',
    url: url.href,
    what: 'index',
    found,
    expected: 'the .safetensors files beside it',
  });
