/**
 * Classifiers of pictures on a folder of labelled pictures, ImageNet's validation among them. Layouts: a folder for each
 * class (`val/n01440764/….JPEG`); pictures with a list `val.txt` of names and classes; Kaggle's `LOC_val_solution.csv`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { counted } from '../../lib/data/quantities.js';
import { float32 } from '../../lib/data/array.js';
import { type InputError } from '../../lib/data/inputError.js';
import { readPicture } from '../../lib/media/readPicture.js';
import { Failure } from '../failure.js';
import type { ModelNamed } from '../load.js';
import { pictureInput } from '../pictureInput.js';
import { type Evaluation, meanOf, type Row } from './evaluation.js';
import { entries, isFolder, isTable, type OwnFile, ownLabels } from './ownLabels.js';

const layouts =
  'a folder for each class, a CSV of file and label, or pictures with val.txt (a name and a class in each line), or with LOC_val_solution.csv and LOC_synset_mapping.txt';

const linesOf = (path: string): readonly string[] =>
  readFileSync(path, 'utf8')
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');

/** Names of files that list ImageNet's classes, one a line, the id first. */
const lists = ['LOC_synset_mapping.txt', 'synset_words.txt', 'synsets.txt', 'classes.txt'];

/** The ids of classes in the order of the logits; undefined where no file lists them. */
const listedClasses = (folder: string): readonly string[] | undefined => {
  const path = [folder, join(folder, '..')]
    .flatMap((place) => lists.map((name) => join(place, name)))
    .find((each) => existsSync(each));
  return path === undefined ? undefined : linesOf(path).map((line) => line.split(/[\s,]/)[0]);
};

/** The folder in which the pictures lie. */
const placeOf = (folder: string): string =>
  [join(folder, 'ILSVRC', 'Data', 'CLS-LOC', 'val'), join(folder, 'validation'), join(folder, 'val')].find(
    isFolder,
  ) ?? folder;

/** The pictures in folders of classes: ImageNet's, which a list beside puts in order, or a person's own. */
const byClass = (
  place: string,
  numClasses: number,
  classes: readonly string[] | undefined,
): Promise<readonly OwnFile[]> => {
  const listed = listedClasses(place);
  if (classes === undefined && listed !== undefined && listed.length !== numClasses)
    throw new Failure(
      `${place}: the list beside has ${counted(listed.length, 'class', 'classes')}, expected ${numClasses}`,
    );
  return ownLabels(place, numClasses, classes ?? listed);
};

/** Pictures by lines of names and classes. */
const byLines = (
  place: string,
  list: string,
  labels: readonly (readonly [name: string, label: number])[],
  numClasses: number,
): readonly OwnFile[] =>
  labels.map(([name, label], i) => {
    if (!(Number.isSafeInteger(label) && label >= 0 && label < numClasses))
      throw new Failure(`${list}, line ${i + 1}: found no class, expected one of ${numClasses}`);
    return { name, path: join(place, name), label };
  });

/** The pictures of a folder or table with their classes. */
const labelled = async (
  folder: string,
  numClasses: number,
  classes: readonly string[] | undefined,
): Promise<readonly OwnFile[]> => {
  if (isTable(folder)) return ownLabels(folder, numClasses, classes);
  if (!isFolder(folder)) throw new Failure(`${folder}: found no folder, expected ${layouts}`);
  const place = placeOf(folder);
  const list = [join(folder, 'val.txt'), join(place, 'val.txt')].find((path) => existsSync(path));
  if (list !== undefined) {
    const pairs = linesOf(list).map((line) => {
      const [name, label] = line.trim().split(/\s+/);
      return [name, Number(label)] as const;
    });
    return byLines(place, list, pairs, numClasses);
  }
  if (classes !== undefined) return byClass(place, numClasses, classes);
  const solution = join(folder, 'LOC_val_solution.csv');
  if (existsSync(solution)) {
    const listed = listedClasses(folder);
    if (listed === undefined)
      throw new Failure(`${folder}: found no ${lists[0]}, expected it beside ${basename(solution)}`);
    const pairs = linesOf(solution)
      .slice(1)
      .map((line) => {
        const [name, boxes = ''] = line.split(',');
        return [`${name}.JPEG`, listed.indexOf(boxes.split(' ')[0])] as const;
      });
    return byLines(place, solution, pairs, numClasses);
  }
  const folders = entries(place).filter((name) => isFolder(join(place, name)));
  if (folders.length === 0) throw new Failure(`${folder}: found no labels, expected ${layouts}`);
  return byClass(place, numClasses, classes);
};

type Classifier = ModelNamed<'digits' | 'imagenet-fourier' | 'imagenet-learned' | 'imagenet-conv'>;

/** The network's input of an example. */
const inputOf = async (
  { path }: OwnFile,
  shape: readonly number[],
): Promise<E.Either<InputError, ArrayLike<number>>> =>
  pipe(
    await readPicture(path)(),
    E.chain((picture) => pictureInput(picture, shape)),
    E.map(({ data }) => data),
  );

/** The number of classes that are likelier than one; of equal ones the first is. */
const rankOf = (logits: Float32Array, label: number): number =>
  logits.reduce(
    (ahead, logit, c) => ahead + Number(logit > logits[label] || (logit === logits[label] && c < label)),
    0,
  );

/** The share of rows among whose likeliest `k` the class is, in percent. */
const topK = (rows: readonly Row[], k: number): number =>
  100 * meanOf(rows, ({ rank }) => Number((rank as number) < k));

/** Names of the digits, which the package's model has for classes. */
const digitNames = Array.from({ length: 10 }, (_, digit) => `${digit}`);

/**
 * A classifier's accuracy on a folder of pictures, or on a table of them.
 * @param classes  names of the model's classes, where they are a person's own
 */
export const imageEvaluation = async (
  model: Classifier,
  data: string,
  classes?: readonly string[],
): Promise<Evaluation<OwnFile>> => {
  const { imageShape, numClasses } = model.config;
  const isDigits = model.name === 'digits';
  // Published figures are of ImageNet's validation: of its 1,000 classes, in its own layouts.
  const isImagenet = !isDigits && classes === undefined && numClasses === 1000 && !isTable(data);
  const names = classes ?? (isDigits && numClasses === digitNames.length ? digitNames : undefined);
  const of = isImagenet ? 'ImageNet, ' : '';
  return {
    dataset: isImagenet ? 'ImageNet, validation' : 'your pictures',
    called: 'pictures',
    examples: await labelled(data, numClasses, names),
    judge: async (runner, batch) => {
      const inputs = await Promise.all(batch.map((each) => inputOf(each, imageShape)));
      const read = inputs.flatMap((input) => (E.isRight(input) ? [input.right] : []));
      const values = new Float32Array(read.length * (read[0]?.length ?? 0));
      read.forEach((input, i) => values.set(input, i * input.length));
      const logits =
        read.length === 0
          ? new Float32Array()
          : ((await runner.run(model.network, [float32([read.length, ...imageShape], values)]))
              .data as Float32Array);
      let at = 0;
      return inputs.map((input, i) =>
        E.isLeft(input)
          ? input
          : E.right<InputError, Row>({
              label: batch[i].label,
              rank: rankOf(logits.subarray(at * numClasses, ++at * numClasses), batch[i].label),
            }),
      );
    },
    figures: (rows) => [
      { what: `${of}top-1`, value: topK(rows, 1), unit: '%' },
      ...(numClasses > 10 ? [{ what: `${of}top-5`, value: topK(rows, 5), unit: '%' }] : []),
    ],
  };
};
