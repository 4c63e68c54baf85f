import t from 'tap';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as tf from '@tensorflow/tfjs-core';
import { array, float32, type HostArray } from '../../../lib/data/array.js';
import { readCheckpoint, writeNpz } from '../../../lib/checkpoint/index.js';
import { adopt, type AdoptError, showAdoptError } from '../../../lib/language/adopt.js';
import {
  chain,
  engine,
  key,
  named,
  outline,
  place,
  type Scope,
  transform,
  tree,
} from '../../../lib/index.js';
import { ones } from '../../../lib/language/initializers.js';
import { layerNorm } from '../../../modules/layerNorm.js';
import { linear } from '../../../modules/linear.js';

await engine();

const classifier = (numClasses: number) =>
  chain(
    named('encoder', chain(linear(4), layerNorm(), linear(4))),
    named('head', chain(linear(3), linear(numClasses))),
  );
const inputs = [{ shape: [2, 5] }] as const;
const modelOf = (numClasses: number) => ({ outline: outline(classifier(numClasses), inputs) });
const initialOf = (numClasses: number, seed: number) =>
  transform(classifier(numClasses)).init(key(seed), ...inputs);

const model = modelOf(2);
const params: tree.Tree<HostArray> = initialOf(2, 1);

const problemsOf = (result: E.Either<AdoptError, unknown>) => {
  if (E.isRight(result)) throw new Error('it fits');
  return result.left.problems;
};
const adopted = <A>(result: E.Either<AdoptError, A>): A => {
  if (E.isLeft(result)) throw new Error(showAdoptError(result.left));
  return result.right;
};

t.test('a checkpoint of the model fits, in whatever order its leaves are', async (t) => {
  const shuffled = tree.unflatten([...tree.flatten(params)].reverse());
  const { params: found, state, report } = adopted(adopt(model)({ params: shuffled }));
  t.same(tree.paths(found), tree.paths(params), 'in the order of the model');
  t.ok(tree.paths(params).every((path) => tree.at(found, path) === tree.at(params, path)));
  t.same(state, {});
  t.same(report, { kept: tree.paths(params), initialised: [], interpolated: [], dropped: [] });
});

t.test('only what was adopted can be applied', async (t) => {
  const { apply } = transform(classifier(2));
  const x = tf.ones([2, 5]);
  const y = apply(adopted(adopt(model)({ params })).params, {}, x);
  t.same(y.shape, [2, 2]);
  using weights = place(adopted(adopt(model)({ params })).params);
  t.same(apply(weights, {}, x).dataSync(), y.dataSync());
  // @ts-expect-error nobody checked this tree
  apply(params, {}, x);
  const mapped = tree.map(initialOf(2, 1), (leaf) => leaf);
  // @ts-expect-error what was made of parameters may be anything
  apply(mapped, {}, x);
});

t.test('every problem comes back at once, with paths, shapes and the nearest name', async (t) => {
  const wrong: tree.Tree<HostArray> = {
    ...tree.filter(params, (path) => !['encoder/linear/w', 'head/linear_1/b'].includes(path)),
    'encoder/lineer': { w: float32([5, 4], new Float32Array(20)) },
    optimizer: { momentum: float32([], [1]) },
    'head/linear': { ...params['head/linear'], w: float32([3, 4], new Float32Array(12)) },
  };
  const result = adopt(model)({ params: wrong, state: { counter: { n: float32([], [0]) } } });
  t.same(problemsOf(result), [
    {
      kind: 'missing',
      part: 'params',
      path: 'encoder/linear/w',
      expected: [5, 4],
      nearest: 'encoder/lineer/w',
    },
    { kind: 'missing', part: 'params', path: 'head/linear_1/b', expected: [2], nearest: undefined },
    {
      kind: 'unexpected',
      part: 'params',
      path: 'encoder/lineer/w',
      found: [5, 4],
      nearest: 'encoder/linear/w',
    },
    { kind: 'unexpected', part: 'params', path: 'optimizer/momentum', found: [], nearest: undefined },
    { kind: 'misshapen', part: 'params', path: 'head/linear/w', found: [3, 4], expected: [4, 3] },
    { kind: 'unexpected', part: 'state', path: 'counter/n', found: [], nearest: undefined },
  ]);
  t.equal(
    showAdoptError((result as E.Left<AdoptError>).left),
    [
      '2 missing from the checkpoint:',
      '  encoder/linear/w [5, 4]; is it encoder/lineer/w?',
      '  head/linear_1/b [2]',
      '3 not in the model:',
      '  encoder/lineer/w [5, 4]; is it encoder/linear/w?',
      '  optimizer/momentum []',
      '  counter/n []',
      '1 of another shape:',
      '  head/linear/w: found [3, 4], expected [4, 3]',
    ].join('\n'),
  );
});

t.test('a message does not list hundreds of leaves unless asked to', async (t) => {
  const error = (adopt(model)({ params: {} }) as E.Left<AdoptError>).left;
  t.match(showAdoptError(error), /^10 missing from the checkpoint:/);
  t.match(showAdoptError(error, 3), /b \[4\]\n {2}encoder\/layer_norm\/scale \[4\]\n {2}… and 7 more$/);
  t.equal(error.problems.length, 10);
});

t.test('state is checked as parameters are', async (t) => {
  const counting = (s: Scope, x: tf.Tensor) => {
    const n = s.state('n', { shape: [], value: 0, dtype: 'int32' });
    s.setState('n', tf.add(n, 1));
    return tf.mul(x, s.param('scale', [], ones));
  };
  const layer = named('counting', counting);
  const withState = { outline: outline(layer, [{ shape: [1] }]) };
  const scale = { counting: { scale: float32([], [1]) } };
  t.match(problemsOf(adopt(withState)({ params: scale })), [
    { kind: 'missing', part: 'state', path: 'counting/n', expected: [] },
  ]);
  const state = { counting: { n: array([], 'int32', Int32Array.of(3)) } };
  t.same(adopted(adopt(withState)({ params: scale, state })).state, state);
  t.match(problemsOf(adopt(withState)({ params: scale, state: { counting: { n: float32([2], [1, 1]) } } })), [
    { kind: 'misshapen', part: 'state', path: 'counting/n', found: [2], expected: [] },
  ]);
});

t.test('leaves keep their element type', async (t) => {
  const half = tree.map(params, ({ shape }) => array(shape, 'float16', new Uint16Array(sizeOf(shape))));
  const { params: found } = adopted(adopt(model)({ params: half }));
  t.ok(tree.fold(found, true, (all, { dtype }) => all && dtype === 'float16'));
});

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const heads = ['head/linear/w', 'head/linear/b', 'head/linear_1/w', 'head/linear_1/b'];

t.test('for another task the head is made by seed, exactly as init would make it', async (t) => {
  const other = modelOf(7);
  const selections = [/^head\//, (path: string) => path.startsWith('head/'), heads] as const;
  for (const reinitialise of selections) {
    const { params: found, report } = adopted(adopt(other, { reinitialise, key: key(42) })({ params }));
    const initial = initialOf(7, 42);
    t.same(report.initialised, heads);
    t.same(
      report.kept,
      tree.paths(params).filter((path) => path.startsWith('encoder/')),
    );
    for (const path of report.initialised) t.same(tree.at(found, path), tree.at(initial, path), path);
    for (const path of report.kept) t.equal(tree.at(found, path), tree.at(params, path), path);
  }
});

t.test('what is made by seed is made whether the checkpoint has it or not', async (t) => {
  const initial = initialOf(2, 5);
  const again = adopted(adopt(model, { reinitialise: heads, key: key(5) })({ params }));
  t.same(tree.at(again.params, heads[2]), tree.at(initial, heads[2]), 'of the same shape');
  const bare = tree.filter(params, /^encoder/);
  const from = adopted(adopt(model, { reinitialise: /^head/, key: key(5) })({ params: bare }));
  t.same(tree.at(from.params, heads[2]), tree.at(initial, heads[2]), 'not there');
  const old = tree.merge(bare, { 'head/old': { w: float32([1], [1]) } });
  const result = adopted(adopt(model, { reinitialise: /^head/, key: key(5) })({ params: old }));
  t.same(result.report.dropped, ['head/old/w'], 'of another name');
  t.same(tree.paths(result.params), tree.paths(params));
});

t.test('a path to reinitialise that the model does not have is a problem', async (t) => {
  const result = adopt(model, { reinitialise: ['head/linear_2/w'], key: key(5) })({ params });
  t.same(problemsOf(result), [
    { kind: 'unknown', part: 'params', path: 'head/linear_2/w', nearest: 'head/linear_1/w' },
  ]);
  t.equal(
    showAdoptError((result as E.Left<AdoptError>).left),
    '1 to be reinitialised, but not in the model:\n  head/linear_2/w; is it head/linear_1/w?',
  );
  // @ts-expect-error a seed is needed
  adopt(model, { reinitialise: heads });
});

t.test('a file is read and adopted in one sentence', async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), 'renga-')), 'model.npz');
  t.ok(E.isRight(await writeNpz(file, { params })()));
  const checked = pipe(await readCheckpoint(file)(), E.chainW(adopt(model)));
  if (E.isLeft(checked)) throw new Error(checked.left.kind);
  t.ok(tree.isEqual(tree.difference(checked.right.params, params)));
  const missing = pipe(await readCheckpoint(`${file}.not`)(), E.chainW(adopt(model)));
  t.match(missing, { left: { kind: 'io' } });
});
