/** JSON of a store, as it stands there. */
import { allOf, type Source } from '../../files/source.js';
import { refuse } from '../error.js';

const longest = 1 << 26;

/** The value of a file of JSON. */
export const readJsonValue = (source: Source, entry: string): unknown => {
  if (source.length > longest)
    return refuse({ kind: 'orbax', offset: 0, entry, problem: `JSON of ${source.length} bytes` });
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(allOf(source))) as unknown;
  } catch {
    return refuse({ kind: 'orbax', offset: 0, entry, problem: 'not JSON in UTF-8' });
  }
};
