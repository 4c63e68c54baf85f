/** Running statistics on the way to Hugging Face's names and back: Haiku keeps more of them, and none is lost unsaid. */
import { readFileSync } from 'node:fs';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import t from 'tap';
import { float32, type HostArray, int32, toFloat32 } from '../../../lib/data/array.js';
import { parseCheckpoint, showNamesError } from '../../../lib/checkpoint/index.js';
import { flatten, type Tree } from '../../../lib/data/tree.js';
import { stateDict, toHaikuNames, toHuggingFaceNames } from '../../../presets/huggingFace/trees.js';

const norm = 'image_preprocessor/~/conv2_d_downsample/~/batchnorm/~';
const theirs = 'perceiver.input_preprocessor.convnet.batchnorm';

const rightOf = <A>(result: E.Either<unknown, A>): A => {
  if (E.isLeft(result)) throw new Error(JSON.stringify(result.left));
  return result.right;
};

/** The small model of the original's, as Haiku initialised it: a first batch, and no step. */
const initial = rightOf(
  parseCheckpoint(new Uint8Array(readFileSync('test/goldens/presets/imagenet-conv.pickle'))),
);

const ones = (value: number): HostArray => float32([1, 1, 1, 64], new Float32Array(64).fill(value));

/** Statistics after some steps, of averages that stayed the same. */
const after = (steps: number, sums: number, otherSteps = steps): Tree<HostArray> => ({
  [`${norm}/mean_ema`]: { hidden: ones(3 * sums), average: ones(3), counter: int32([], [steps]) },
  [`${norm}/var_ema`]: { hidden: ones(2 * sums), average: ones(2), counter: int32([], [otherSteps]) },
});

const values = (tree: Tree<HostArray>) =>
  Object.fromEntries(
    flatten(tree).map(([path, leaf]) => [path, [leaf.shape, leaf.dtype, [...toFloat32(leaf)]]]),
  );

t.test("Haiku's initial state goes there and back", async (t) => {
  const back = rightOf(pipe(initial, toHuggingFaceNames(), E.chain(toHaikuNames())));
  t.same(values(back.state), values(initial.state));
});

t.test('averages are buffers there, with one counter for both', async (t) => {
  const { params } = initial;
  const there = stateDict(rightOf(toHuggingFaceNames()({ params, state: after(7, 1 - 0.9 ** 7) })));
  const found = ['running_mean', 'running_var', 'num_batches_tracked'].map((name) =>
    there.get(`${theirs}.${name}`),
  );
  t.same(
    found.map((array) => array && [array.shape, array.dtype, Number(array.data[0])]),
    [
      [[64], 'float32', 3],
      [[64], 'float32', 2],
      [[], 'int64', 7],
    ],
  );
});

t.test('sums are made of averages and the counter', async (t) => {
  const { params } = initial;
  const there = rightOf(toHuggingFaceNames()({ params, state: after(7, 1 - 0.9 ** 7) }));
  const { state } = rightOf(toHaikuNames()(there));
  t.same([...state[`${norm}/var_ema`].counter.data], [7]);
  const [sum] = state[`${norm}/mean_ema`].hidden.data as Float32Array;
  t.ok(Math.abs(sum - 3 * (1 - 0.9 ** 7)) < 1e-6, `${sum}`);
});

t.test('state that says something else is refused, not lost', async (t) => {
  const said = (state: Tree<HostArray>) => {
    const there = toHuggingFaceNames()({ params: initial.params, state });
    return E.isLeft(there) ? showNamesError(there.left) : '';
  };
  t.equal(said(after(7, 1 - 0.9 ** 7)), '');
  t.match(said(after(7, 1)), /mean_ema\/hidden: found other values[^]*var_ema\/hidden: found other values/);
  t.match(said(after(7, 1 - 0.9 ** 7, 8)), /var_ema\/counter: found other values/);
});
