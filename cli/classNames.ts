/**
 * Names of a model's classes: a list of texts in JSON, as `renga train` writes it beside the weights, or the list in the
 * metadata of the weights themselves.
 */
import { counted } from '../lib/data/quantities.js';
import { describedModel } from './describedModel.js';
import { Failure } from './failure.js';
import { readJson } from './load.js';

/** The options that names come from. */
export interface ClassOptions {
  readonly classes?: string;
  readonly checkpoint?: string;
}

/**
 * The names of a model's classes: those of the file of `--classes`, or else those that the checkpoint holds; undefined for
 * neither.
 * @param isWhole  true if every class needs a name; else the list may be shorter than the number of classes
 */
export const classNames = async (
  { classes: path, checkpoint }: ClassOptions,
  numClasses: number,
  isWhole = true,
): Promise<readonly string[] | undefined> => {
  const fits = (length: number): boolean => (isWhole ? length === numClasses : length <= numClasses);
  if (path === undefined) {
    const { classes } = (await describedModel(checkpoint)) ?? {};
    return classes && fits(classes.length) ? classes : undefined;
  }
  const json = await readJson(path);
  if (!Array.isArray(json) || !fits(json.length) || !json.every((name) => typeof name === 'string'))
    throw new Failure(
      `${path}: found ${Array.isArray(json) ? counted(json.length, 'entry', 'entries') : 'no list'}, expected a list of ${isWhole ? '' : 'at most '}${numClasses} names`,
    );
  return json as string[];
};
