/** JSON of a store, as it stands there. */
import { allOf, type Source } from '../../files/source.js';
import { parseJson } from '../../files/json.js';
import { refuse } from '../error.js';
import * as E from 'fp-ts/lib/Either.js';

const longest = 1 << 26;

const utf8 = new TextDecoder('utf-8', { fatal: true });

const decode = (bytes: Uint8Array): string | undefined => {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
};

/** The value of a file of JSON. */
export const readJsonValue = (source: Source, entry: string): unknown => {
  if (source.length > longest)
    return refuse({ kind: 'orbax', offset: 0, entry, problem: `JSON of ${source.length} bytes` });
  const text = decode(allOf(source));
  if (text === undefined) return refuse({ kind: 'orbax', offset: 0, entry, problem: 'is not text in UTF-8' });
  const parsed = parseJson(text);
  return E.isRight(parsed) ? parsed.right : refuse({ kind: 'orbax', offset: 0, entry, problem: parsed.left });
};
