/** Decoders that are optional peers: loaded when a file asks for one, named when it is not installed. */
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { InputError } from '../data/inputError.js';
import { damaged } from './damaged.js';

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';

/**
 * Decodes a file with an optional peer.
 * @param format  the file's format, as errors name it
 * @param peer    the package to install
 * @param load    imports the package
 * @param decode  decodes with it; an error that it throws is a damaged file
 */
export const decodeWith =
  <M, A>(
    where: string,
    format: string,
    peer: string,
    load: () => Promise<M>,
    decode: (decoder: M) => Promise<A>,
  ): TaskEither<InputError, A> =>
  async () => {
    let decoder: M;
    try {
      decoder = await load();
    } catch (error) {
      if (!isMissing(error)) throw error;
      const found = `${format}, whose decoder is not installed`;
      return E.left({ kind: 'input', where, found, expected: `the package ${peer}: npm install ${peer}` });
    }
    try {
      return E.right(await decode(decoder));
    } catch (error) {
      return E.left(damaged(where, format)(error));
    }
  };
