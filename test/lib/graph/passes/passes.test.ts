/** The law of every pass: the graph before it and after it give the same numbers. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { isTensor, type Params, toTensor } from '../../../../lib/data/leaf.js';
import { partsOf } from '../../../../lib/data/nest.js';
import { flatten } from '../../../../lib/data/trees.js';
import { engine } from '../../../../lib/engine/index.js';
import { type Graph, trace, traceFunction } from '../../../../lib/graph/index.js';
import type { Weight } from '../../../../lib/graph/graph.js';
import { foldConstants } from '../../../../lib/graph/passes/foldConstants.js';
import { foldIntoProducts } from '../../../../lib/graph/passes/foldIntoProducts.js';
import { mergeScales } from '../../../../lib/graph/passes/mergeScales.js';
import { reassociate } from '../../../../lib/graph/passes/reassociate.js';
import { shareCommon } from '../../../../lib/graph/passes/shareCommon.js';
import { simplify } from '../../../../lib/graph/passes/simplify.js';
import { withoutDead } from '../../../../lib/graph/passes/withoutDead.js';
import { withoutIdle } from '../../../../lib/graph/passes/withoutIdle.js';
import { traceAsIs } from '../../../../lib/graph/trace.js';
import { chain } from '../../../../lib/language/combinators/index.js';
import type { Scope } from '../../../../lib/language/scope.js';
import { transform } from '../../../../lib/language/transform.js';
import { valueAndGrad } from '../../../../lib/language/valueAndGrad.js';
import { key } from '../../../../lib/random/index.js';
import { linear, mlp, selfAttention } from '../../../../modules/index.js';
import { gelu } from '../../../../modules/mlp.js';
import { smallInputs, smallModel, smallWeights } from '../../../presets/small.js';
import { interpret } from '../interpret.js';

const passes = {
  withoutDead,
  withoutIdle,
  foldConstants,
  shareCommon,
  reassociate,
  foldIntoProducts,
  mergeScales,
  simplify,
};

interface Subject {
  readonly graph: Graph;
  readonly run: (graph: Graph) => readonly ArrayLike<number>[];
}

const ofPreset = (name: string): Subject => {
  const model = smallModel(name);
  const inputs = smallInputs(model, { batch: 2, entities: 4, image_points: 3, audio_points: 2 });
  const { params, state } = smallWeights(model);
  const tensors = partsOf(inputs, isTensor);
  const weightOf = ({ kind, path }: Weight) => {
    const [, module, leaf] = /^(.*)\/([^/]+)$/.exec(path) as RegExpExecArray;
    return toTensor((kind === 'param' ? params : state)[module][leaf]);
  };
  const { trace: graph } = traceAsIs(model.network as never, inputs as never);
  return {
    graph,
    run: (changed) => {
      const byName = Object.fromEntries(changed.inputs.map((input, i) => [input.name, tensors[i]]));
      return tf.tidy(() => interpret(changed, byName, weightOf).map((y) => y.dataSync()));
    },
  };
};

/** The gradient of two blocks of attention. */
const ofGradient = (): Subject => {
  const layer = chain(linear(8), selfAttention({ numHeads: 2 }), selfAttention({ numHeads: 1 }), mlp()) as (
    s: Scope,
    x: tf.Tensor,
  ) => tf.Tensor;
  const model = transform(layer);
  const x = tf.randomNormal([2, 5, 8], 0, 1, 'float32', 1);
  const params = model.init(key(0), x);
  const loss = (p: Params, given: tf.Tensor) => tf.mean(tf.square(model.apply(p, {}, given)));
  const graph = traceFunction(valueAndGrad(loss), [params as never, x]);
  const tensors = [...flatten(params).map(([, leaf]) => toTensor(leaf)), x];
  return {
    graph,
    run: (changed) => {
      const byName = Object.fromEntries(changed.inputs.map((input, i) => [input.name, tensors[i]]));
      return tf.tidy(() => interpret(changed, byName, () => x).map((y) => y.dataSync()));
    },
  };
};

const subjects: Readonly<Record<string, () => Subject>> = {
  'the gradient of two blocks': ofGradient,
  ...Object.fromEntries(
    ['language', 'imagenet-conv', 'multimodal', 'starcraft'].map((name) => [name, () => ofPreset(name)]),
  ),
};

for (const [name, make] of Object.entries(subjects))
  t.test(`${name}: the same numbers after every pass`, async (t) => {
    await engine();
    const { graph, run } = make();
    const expected = run(graph);
    for (const [pass, change] of Object.entries(passes)) {
      const found = run(change(graph));
      const isSame = expected.every((values, i) => {
        const largest = Math.max(...Array.from(values, Math.abs), 1e-3);
        return Array.from(values).every((value, j) => Math.abs(value - found[i][j]) <= 1e-5 * largest);
      });
      t.ok(isSame, pass);
    }
  });

const kernels = ({ nodes }: Graph): string[] => nodes.map(({ kernel }) => kernel);
const asIs = (f: (s: Scope, x: tf.Tensor) => unknown, ...shape: number[]) =>
  traceAsIs(f as never, [{ shape }]).trace;

t.test('what no output depends on is left out', async (t) => {
  const graph = asIs((s, x) => (linear(5)(s, x), tf.neg(x)), 2, 3);
  t.ok(graph.nodes.length > 1);
  const { nodes, weights } = withoutDead(graph);
  t.same([nodes.map(({ kernel }) => kernel), weights], [['Neg'], []]);
});

t.test('nodes that give their input as it is are left out, and one reshape of a row stays', async (t) => {
  const graph = asIs((_s, x) => tf.neg(tf.reshape(tf.reshape(tf.clone(x), [6]), [3, 2])), 2, 3);
  t.same(kernels(withoutIdle(graph)), ['Reshape', 'Neg']);
});

t.test('a subexpression is computed once', async (t) => {
  const graph = asIs((_s, x) => tf.add(tf.exp(tf.mul(x, 2)), tf.exp(tf.mul(x, 2))), 2, 3);
  t.same(kernels(shareCommon(graph)), ['Multiply', 'Exp', 'Add']);
});

t.test('a graph is simplified by all of these, each making room for the next, and then stays', async (t) => {
  const two = () => tf.exp(tf.scalar(0.5));
  const graph = asIs(
    (_s, x) => tf.add(tf.exp(tf.mul(tf.clone(x), two())), tf.exp(tf.mul(tf.reshape(x, [2, 3]), two()))),
    2,
    3,
  );
  const simplified = simplify(graph);
  t.same(kernels(simplified), ['Multiply', 'Exp', 'Add']);
  for (const pass of [withoutIdle, foldConstants, shareCommon])
    t.ok(kernels(pass(graph)).length > kernels(simplified).length);
  t.same(kernels(simplify(simplified)), kernels(simplified));
});

t.test('constants are folded where they take no more room than what they are computed from', async (t) => {
  const small = asIs((_s, x) => tf.add(x, tf.exp(tf.tensor1d([1, 2, 3]))), 2, 3);
  t.same(kernels(foldConstants(small)), ['Add']);
  await engine();
  const ours = asIs((_s, x) => tf.add(x, gelu(tf.tensor1d([1, 2, 3]))), 2, 3);
  t.same(kernels(ours), ['RengaGelu', 'Add']);
  t.same(kernels(foldConstants(ours)), ['Add'], 'operations of our own, too');
  const large = asIs((_s, x) => tf.add(x, tf.tile(tf.tensor2d([[1, 2, 3]]), [1000, 1])), 1000, 3);
  t.same(kernels(foldConstants(large)), ['Tile', 'Add']);
});

t.test(
  'a residual sum and a scale become part of the product, and so does that of the queries',
  async (t) => {
    const residual = trace(
      (s: Scope, x: tf.Tensor) => tf.add(x, linear(4)(s, x)),
      [{ shape: ['batch', 3, 4] }],
    );
    t.same(kernels(foldIntoProducts(residual)), ['Reshape', 'Reshape', 'RengaAffine', 'Reshape']);
    const scaled = foldIntoProducts(
      trace((s: Scope, x: tf.Tensor) => tf.mul(linear(4)(s, x), 3), [{ shape: [2, 4] }]),
    );
    t.match(scaled.nodes, [{ kernel: 'RengaAffine', attrs: { scale: 3 } }]);
    const attended = foldIntoProducts(trace(selfAttention({ numHeads: 2 }), [{ shape: [2, 5, 8] }]));
    t.match(
      attended.nodes.filter(({ attrs }) => attrs.scale !== undefined),
      [
        { kernel: 'RengaAffine', attrs: { scale: 1 / Math.sqrt(4) } },
        { kernel: 'RengaAttention', attrs: { scale: 1 } },
      ],
    );
    const twice = trace(
      (s: Scope, x: tf.Tensor) => {
        const y = linear(4)(s, x);
        return [tf.add(x, y), y];
      },
      [{ shape: [2, 4] }],
    );
    t.same(
      kernels(foldIntoProducts(twice)),
      ['RengaAffine', 'Add'],
      'a product that is used elsewhere stays',
    );
  },
);
