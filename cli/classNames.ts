/** Names of classes in a file: a list of texts in JSON, as `renga train` writes it beside the weights. */
import { counted } from '../lib/data/quantities.js';
import { Failure } from './failure.js';
import { readJson } from './load.js';

/**
 * Reads the names of a model's classes.
 * @param isWhole  true if every class needs a name; else the list may be shorter than the number of classes
 */
export const classNames = async (
  path: string,
  numClasses: number,
  isWhole = true,
): Promise<readonly string[]> => {
  const json = await readJson(path);
  const fits = (length: number): boolean => (isWhole ? length === numClasses : length <= numClasses);
  if (!Array.isArray(json) || !fits(json.length) || !json.every((name) => typeof name === 'string'))
    throw new Failure(
      `${path}: found ${Array.isArray(json) ? counted(json.length, 'entry', 'entries') : 'no list'}, expected a list of ${isWhole ? '' : 'at most '}${numClasses} names`,
    );
  return json as string[];
};
