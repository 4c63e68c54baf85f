/**
 * Classifiers of points on ModelNet40: meshes in `CLASS/test/NAME.off`, whose surfaces points are drawn from, or points in
 * `CLASS/NAME.txt` with a list `modelnet40_test.txt` of names.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { counted } from '../../lib/data/quantities.js';
import { float32 } from '../../lib/data/array.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';
import { foldIn, key } from '../../lib/random/index.js';
import { type PointCloud, pointInput } from '../../presets/perceiver/run.js';
import { modelNetLabels } from '../../presets/perceiver/run/labels.js';
import { Failure } from '../failure.js';
import type { ModelNamed } from '../load.js';
import { type Evaluation, meanOf, type Named, type Row } from './evaluation.js';
import { parseOff, surfacePoints } from './off.js';

/** A file of points or a mesh, and the number of its class. */
interface LabelledThing extends Named {
  readonly path: string;
  readonly label: number;
}

const layouts =
  'CLASS/test/NAME.off for each class, or CLASS/NAME.txt with a list of names, modelnet40_test.txt';

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const entries = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();

/** The names of the classes in the order of the logits: ModelNet40's own, or those of the folders. */
const classesOf = (folder: string, numClasses: number): readonly string[] => {
  if (numClasses === modelNetLabels.length) return modelNetLabels.map((name) => name.replace(' ', '_'));
  const found = entries(folder).filter((name) => isFolder(join(folder, name)));
  if (found.length !== numClasses)
    throw new Failure(
      `${folder}: found ${counted(found.length, 'folder')} of classes, expected ${numClasses}`,
    );
  return found;
};

const listed = (folder: string, list: string, classes: readonly string[]): readonly LabelledThing[] =>
  readFileSync(list, 'utf8')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const [, called = ''] = /^(.*)_\d+$/.exec(line) ?? [];
      const label = classes.indexOf(called);
      if (label < 0)
        throw new Failure(`${list}: found '${line}', expected CLASS_NUMBER of one of the classes`);
      return { name: line, path: join(folder, called, `${line}.txt`), label };
    });

const thingsOf = (folder: string, numClasses: number): readonly LabelledThing[] => {
  if (!isFolder(folder)) throw new Failure(`${folder}: found no folder, expected ${layouts}`);
  const classes = classesOf(folder, numClasses);
  const list = join(folder, 'modelnet40_test.txt');
  if (existsSync(list)) return listed(folder, list, classes);
  const things = classes.flatMap((called, label) => {
    const place = join(folder, called, 'test');
    const files = isFolder(place) ? entries(place).filter((name) => /\.off$/i.test(name)) : [];
    return files.map((file) => ({ name: `${called}/${file}`, path: join(place, file), label }));
  });
  if (things.length === 0) throw new Failure(`${folder}: found no mesh, expected ${layouts}`);
  return things;
};

/** Points [x, y, z] of the lines of a text; further columns are normals. */
const parsePoints = (where: string, text: string): E.Either<InputError, PointCloud> => {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const points = lines.map((line) =>
    line
      .trim()
      .split(/[\s,]+/)
      .slice(0, 3)
      .map(Number),
  );
  const wrong = points.findIndex((point) => point.length < 3 || !point.every(Number.isFinite));
  return wrong < 0
    ? E.right(points as unknown as PointCloud)
    : inputError(`${where}, line ${wrong + 1}`, `'${lines[wrong].slice(0, 40)}'`, 'three numbers or more');
};

/** Points of a thing, drawn the same way in each run. */
const pointsOf = (path: string, count: number, index: number): E.Either<InputError, PointCloud> => {
  if (!existsSync(path)) return inputError(path, 'no file', 'a file of points');
  const text = readFileSync(path, 'utf8');
  return /\.off$/i.test(path)
    ? E.map((mesh: Parameters<typeof surfacePoints>[0]) => surfacePoints(mesh, count, foldIn(key(0), index)))(
        parseOff(path, text),
      )
    : parsePoints(path, text);
};

/** The accuracy of a classifier of points, over things and as the mean over classes. */
export const pointEvaluation = (
  model: ModelNamed<'perceiver-points'>,
  folder: string,
): Evaluation<LabelledThing> => {
  const { numPoints, numClasses } = model.config;
  const examples = thingsOf(folder, numClasses);
  return {
    dataset: 'ModelNet40, test',
    called: 'things',
    examples,
    judge: async (runner, batch) => {
      const inputs = batch.map((thing) =>
        pipe(
          pointsOf(thing.path, numPoints, examples.indexOf(thing)),
          E.chain((points) =>
            E.mapLeft((error: InputError) => ({ ...error, where: `${thing.path}: ${error.where}` }))(
              pointInput(points, numPoints),
            ),
          ),
        ),
      );
      const read = inputs.flatMap((input) => (E.isRight(input) ? [...input.right] : []));
      const count = read.length / (3 * numPoints);
      const logits =
        count === 0
          ? new Float32Array()
          : ((await runner.run(model.network, [float32([count, numPoints, 3], Float32Array.from(read))]))
              .data as Float32Array);
      let at = 0;
      return inputs.map((input, i) => {
        if (E.isLeft(input)) return input;
        const own = logits.subarray(at * numClasses, ++at * numClasses);
        const { label } = batch[i];
        return E.right<InputError, Row>({ label, right: Number(own.indexOf(Math.max(...own)) === label) });
      });
    },
    figures: (rows) => {
      const labels = [...new Set(rows.map(({ label }) => label))];
      const accuracyOf = (some: readonly Row[]): number => 100 * meanOf(some, ({ right }) => right as number);
      const each = labels.map((own) => accuracyOf(rows.filter(({ label }) => label === own)));
      return [
        { what: 'ModelNet40, accuracy', value: accuracyOf(rows), unit: '%' },
        {
          what: 'ModelNet40, mean accuracy of classes',
          value: each.reduce((sum, value) => sum + value / each.length, 0),
          unit: '%',
        },
      ];
    },
  };
};
