/**
 * Names at published size: every one of Hugging Face's is one of the preset's, and the other way round, with shapes as
 * both sides have them. A name that is left over or missing on either side is refused.
 */
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { array, type HostArray, type Shape } from '../../../lib/data/array.js';
import { FileArray } from '../../../lib/checkpoint/fileArray.js';
import type { NameProblem } from '../../../lib/checkpoint/index.js';
import { adopt } from '../../../lib/language/adopt.js';
import { map, mapWithPath, unflatten } from '../../../lib/data/tree.js';
import { type Architecture, architectures, families } from '../../../presets/huggingFace/families.js';
import {
  type Named,
  stateDict,
  toHaikuNames,
  toHuggingFaceNames,
  translationPairs,
} from '../../../presets/huggingFace/trees.js';
import { published } from './weights.js';

const rightOf = <A>(result: E.Either<unknown, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

/** An array of a shape without memory for its elements; numbers are real. */
const hollow = (shape: Shape, dtype: 'float32' | 'int64' | 'int32' = 'float32'): HostArray => {
  if (shape.length === 0) {
    return dtype === 'int32' ? array([], dtype, Int32Array.of(7)) : array([], 'int64', BigInt64Array.of(7n));
  }
  return new FileArray({ shape, dtype, isLittleEndian: true, bytes: new Uint8Array() });
};

/** Hugging Face's arrays as a file of theirs is read: `module.leaf`. */
const theirs = (shapes: Readonly<Record<string, Shape>>): Named => ({
  params: unflatten(
    Object.entries(shapes).map(
      ([name, shape]) => [name.replace(/\.([^.]*)$/, '/$1'), hollow(shape)] as const,
    ),
  ),
});

/** Statistics after 7 steps in which every mean was 1: sums begin at zero and forget a tenth. */
const statistic = (path: string, shape: Shape): HostArray => {
  if (path.endsWith('/counter')) return hollow([], 'int32');
  const value = path.endsWith('/hidden') ? 1 - 0.9 ** 7 : 1;
  return array(shape, 'float32', new Float32Array(64).fill(value));
};

const ours = (architecture: Architecture): Required<Named> => {
  const { params, state } = families[architecture].preset().outline;
  return {
    params: map<{ shape: Shape }, HostArray>(params, ({ shape }) => hollow(shape)),
    state: mapWithPath<{ shape: Shape }, HostArray>(state, (path, { shape }) => statistic(path, shape)),
  };
};

const shapesOf = (arrays: ReadonlyMap<string, HostArray>): Readonly<Record<string, Shape>> =>
  Object.fromEntries([...arrays].map(([name, { shape }]) => [name, shape]));

/** Statistics with elements, since what Haiku has beside them is made of them. */
const withStatistics = (shapes: Readonly<Record<string, Shape>>): Named => {
  const { params } = theirs(shapes);
  const norm = 'perceiver.input_preprocessor.convnet.batchnorm';
  if (!Object.hasOwn(params, norm)) return { params };
  const ones = array([64], 'float32', new Float32Array(64).fill(1));
  return { params: { ...params, [norm]: { ...params[norm], running_mean: ones, running_var: ones } } };
};

for (const architecture of architectures) {
  const { shapes } = published[architecture];

  t.test(`${architecture}: every name becomes one of the preset's, and fits it`, async (t) => {
    const translated = rightOf(toHaikuNames()(withStatistics(shapes)));
    t.equal(translated.architecture, architecture, 'the class is found by its names');
    const adopted = adopt(families[architecture].preset())(translated);
    t.ok(E.isRight(adopted), E.isLeft(adopted) ? JSON.stringify(adopted.left.problems.slice(0, 3)) : '');
  });

  t.test(`${architecture}: every name of the preset becomes one of Hugging Face's`, async (t) => {
    const translated = rightOf(toHuggingFaceNames()(ours(architecture)));
    t.equal(translated.architecture, architecture, 'the class is found by its names');
    t.same(shapesOf(stateDict(translated)), shapes);
  });

  t.test(`${architecture}: the dry run has a line for every name`, async (t) => {
    const pairs = rightOf(translationPairs('haiku')(theirs(shapes)));
    t.same(
      pairs.flatMap(({ from }) => from ?? []),
      Object.keys(shapes),
    );
    t.equal(new Set(pairs.map(({ to }) => to)).size, pairs.length);
  });

  t.test(`${architecture}: a name too many or too few is refused, on either side`, async (t) => {
    const [first, second] = [Object.keys(shapes)[0], Object.keys(shapes)[1]];
    const { [first]: moved, ...others } = shapes;
    const misspelt = { ...others, [`${first}_`]: moved };
    const problems = (result: E.Either<{ readonly problems: readonly NameProblem[] }, unknown>) =>
      E.isLeft(result) ? result.left.problems : [];
    t.match(problems(toHaikuNames()(theirs(misspelt))), [
      { kind: 'leftOver', name: `${first}_`, nearest: first },
      { kind: 'missing', name: first, nearest: `${first}_` },
    ]);
    t.match(problems(toHaikuNames({ architecture })(theirs({ [second]: shapes[second] }))), [
      { kind: 'missing' },
    ]);
    const { params, state } = ours(architecture);
    const [module] = Object.keys(params);
    const { [module]: _left, ...rest } = params;
    const found = problems(
      toHuggingFaceNames({ architecture })({ params: { ...rest, other: { w: hollow([2]) } }, state }),
    );
    t.match(found[0], { kind: 'leftOver', name: 'params/other/w' });
    t.same(
      found.slice(1).map((problem) => problem.kind),
      Object.keys(params[module]).map(() => 'missing'),
    );
  });
}
