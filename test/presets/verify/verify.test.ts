/**
 * Verification finds what is wrong, and nothing else: a small language model with what was computed for it by hand from
 * the recipe's words, and the same with mistakes. At full size, `renga verify` compares with the original.
 */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, toFloat32 } from '../../../lib/data/array.js';
import { engine } from '../../../lib/engine/index.js';
import type { Params } from '../../../lib/data/leaf.js';
import { foldIn, key, normal, randint } from '../../../lib/random/index.js';
import { flatten, unflatten } from '../../../lib/data/tree.js';
import { language } from '../../../presets/index.js';
import { fingerprint } from '../../../presets/verify/fingerprint.js';
import {
  isVerified,
  type Verification,
  type VerificationReport,
  verify,
} from '../../../presets/verify/verify.js';

await engine();

const config = {
  vocab_size: 262,
  d_model: 16,
  max_seq_len: 12,
  encoder: {
    num_self_attends_per_block: 1,
    num_blocks: 1,
    z_index_dim: 4,
    num_z_channels: 16,
    num_self_attend_heads: 2,
    num_cross_attend_heads: 2,
    qk_channels: 8,
    v_channels: 16,
  },
  decoder: {
    output_num_channels: 16,
    position_encoding_type: 'trainable',
    output_index_dims: 12,
    num_z_channels: 16,
    qk_channels: 8,
    v_channels: 16,
    num_heads: 2,
    final_project: false,
    use_query_residual: false,
    trainable_position_encoding_kwargs: { num_channels: 16 },
  },
};

const made = language.fromHaiku(config);
if (made._tag === 'Left') throw new Error(JSON.stringify(made.left));
const model = made.right;

/** The parameters of key 42, and a hundredth of a normal draw on each leaf. */
const prepare = () => {
  const { params } = model.init(key(42));
  const entries = [...flatten(params)].sort(([a], [b]) => (a < b ? -1 : 1));
  const moved = entries.map(([path, leaf], i): [string, HostArray] => {
    const added = toFloat32(normal(foldIn(key(99), i), leaf.shape));
    const values = toFloat32(leaf).map((value, j) => value + Math.fround(Math.fround(0.01) * added[j]));
    return [path, float32(leaf.shape, values)];
  });
  return { params, moved: unflatten(moved) as Params<HostArray> };
};

/** The expected values of the recipe below. */
const expected = (): Verification => {
  const { params, moved } = prepare();
  const ids = tf.tensor2d(
    Array.from(randint(key(7), [1, 12], 6, 262).data, (id, i) => (i < 9 ? Number(id) : 0)),
    [1, 12],
    'int32',
  );
  const mask = tf.tensor2d([1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0], [1, 12], 'int32');
  const { output } = model.apply(moved, {}, {}, ids, mask);
  const indices = [0, 100, 3143];
  return {
    preset: 'language',
    config,
    inputs:
      'inputs: randint(key(7), [1,12], 6, 262), zero from position 9 on; input_mask: 1 before 9, 0 after',
    parameters:
      'init with key(42), jax_threefry_partitionable = true; each leaf, in the order of its sorted path and index i, ' +
      'gets + 0.01 * normal(fold_in(key(99), i), shape); apply gets key(5)',
    num_parameters: flatten(params).reduce((sum, [, { data }]) => sum + data.length, 0),
    params: Object.fromEntries(flatten(params).map(([path, leaf]) => [path, fingerprint(leaf)])),
    state: {},
    outputs: {
      logits: {
        shape: [1, 12, 262],
        indices,
        values: indices.map((i) => output.dataSync()[i]),
        tolerance: 1e-5,
      },
    },
  };
};

const right = expected();

const report = async (verification: Verification): Promise<VerificationReport> => {
  const result = await verify(verification);
  if (result._tag === 'Left') throw new Error(result.left);
  return result.right;
};

const problems = async (verification: Verification): Promise<string[]> =>
  (await report(verification)).comparisons.flatMap(({ what, problem }) =>
    problem ? [`${what}: ${problem}`] : [],
  );

t.test('what the recipe says is what is computed', async (t) => {
  const found = await report(right);
  t.ok(isVerified(found));
  t.equal(found.numParameters, right.num_parameters);
  t.equal(found.comparisons.length, 2 + Object.keys(right.params).length + 1);
  t.ok(found.initSeconds >= 0 && found.applySeconds > 0 && Number(found.peakBytes) > 1e7);
});

t.test('nothing stays on the engine', async (t) => {
  const before = tf.memory().numTensors;
  await report(right);
  t.equal(tf.memory().numTensors, before);
});

const path = 'perceiver_encoder/~/self_attention/mlp/linear/w';

t.test('a parameter whose values, shape or name differs is told', async (t) => {
  const { [path]: print, ...others } = right.params;
  const [first, ...rest] = print.first;
  t.same(
    await problems({
      ...right,
      params: { ...right.params, [path]: { ...print, first: [first + 1e-4, ...rest] } },
    }),
    [`${path}: first value 0 is ${first}, expected ${first + 1e-4}`],
  );
  t.match(
    await problems({ ...right, params: { ...right.params, [path]: { ...print, sum: print.sum + 0.1 } } }),
    [/^perceiver_encoder.*\/w: sum is /],
  );
  t.same(await problems({ ...right, params: { ...right.params, [path]: { ...print, shape: [16, 4] } } }), [
    `${path}: shape [16, 16], expected [16, 4]`,
  ]);
  t.same(await problems({ ...right, params: { ...others, 'perceiver_encoder/w': print } }), [
    `parameter names: missing perceiver_encoder/w; unexpected ${path}`,
  ]);
});

t.test('an output that differs or is missing is told', async (t) => {
  const { logits } = right.outputs;
  const values = [logits.values[0], logits.values[1] + 0.5, logits.values[2]];
  t.match(await problems({ ...right, outputs: { logits: { ...logits, values } } }), [
    /^output logits: differs by 0\.[45]\d*, allowed 0\.00001$/,
  ]);
  t.same(await problems({ ...right, outputs: { logits, more: logits } }), ['output more: is missing']);
  t.same(await problems({ ...right, outputs: { logits: { ...logits, shape: [1, 12, 256] } } }), [
    'output logits: shape [1, 12, 262], expected [1, 12, 256]',
  ]);
});

t.test('another seed or another noise is another model', async (t) => {
  const seed = right.parameters.replace('key(42)', 'key(43)');
  t.ok((await problems({ ...right, parameters: seed })).length > 10);
  const noise = right.parameters.replace('0.01', '0.02');
  t.match(await problems({ ...right, parameters: noise }), [/^output logits: differs by /]);
});

t.test('a verification that cannot be read is refused', async (t) => {
  const refused = async (changes: Partial<Verification>) => {
    const result = await verify({ ...right, ...changes });
    return result._tag === 'Left' ? result.left : 'nothing';
  };
  t.match(await refused({ preset: 'words' }), /^no preset 'words'; there are language, /);
  t.match(await refused({ config: { ...config, depth: 3 } }), /^depth: found 3, expected /);
  t.equal(await refused({ inputs: 'inputs: ones' }), "cannot read 'inputs: ones'");
  t.match(await refused({ parameters: 'init with key(1)' }), /^cannot find noise, noiseKey, applyKey in /);
});
