/** Functions and layers as programs for JAX: their text, and the file around it. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray } from '../../../lib/data/array.js';
import { bernoulliTensor } from '../../../lib/engine/index.js';
import { engine, transform, valueAndGrad } from '../../../lib/index.js';
import { type Key, key, split } from '../../../lib/random/index.js';
import { exportJax, layerFunction, stablehloText, UnsupportedError } from '../../../lib/stablehlo/index.js';
import * as train from '../../../lib/train/index.js';
import { batchNorm, linear } from '../../../modules/index.js';
import { readExported } from './readExported.js';

t.test('a layer is a function of its parameters, whose names arguments keep', async (t) => {
  const { f, specs, names } = layerFunction(linear(3), [{ shape: [8, 4] }], { names: { inputs: ['x'] } });
  t.equal(
    stablehloText(f, specs, { name: 'one-layer', names }),
    `module @one_layer {
  func.func public @main(
      %params.linear.b: tensor<3xf32>,
      %params.linear.w: tensor<4x3xf32>,
      %x: tensor<8x4xf32>
  ) -> (tensor<8x3xf32>) {
    %0 = stablehlo.dot_general %x, %params.linear.w, contracting_dims = [1] x [0] : (tensor<8x4xf32>, tensor<4x3xf32>) -> tensor<8x3xf32>
    %1 = stablehlo.broadcast_in_dim %params.linear.b, dims = [1] : (tensor<3xf32>) -> tensor<8x3xf32>
    %2 = stablehlo.add %0, %1 : tensor<8x3xf32>
    return %2 : tensor<8x3xf32>
  }
}
`,
  );
});

t.test('an open size is read from the input that has it', async (t) => {
  const scaled = (x: tf.Tensor) => tf.div(tf.sum(x, 0), 2);
  t.equal(
    stablehloText(scaled, [{ shape: ['batch', 2] }]),
    `module @renga {
  func.func public @main(
      %input: tensor<?x2xf32>
  ) -> (tensor<2xf32>) {
    %0 = stablehlo.constant dense<0.0> : tensor<f32>
    %3 = stablehlo.constant dense<2.0> : tensor<2xf32>
    %1 = stablehlo.reduce(%input init: %0) applies stablehlo.add across dimensions = [0] : (tensor<?x2xf32>, tensor<f32>) -> tensor<2xf32>
    %4 = stablehlo.divide %1, %3 : tensor<2xf32>
    return %4 : tensor<2xf32>
  }
}
`,
  );
  const text = stablehloText((x: tf.Tensor) => tf.add(x, 1), [{ shape: ['batch', 2] }]);
  t.match(text, /get_dimension_size %input, dim = 0 .*\n.* stablehlo\.reshape/);
  t.match(text, /dynamic_broadcast_in_dim .* -> tensor<\?x2xf32>/);
});

t.test('host arrays in a result are constants; what is no array is refused with its place', async (t) => {
  const specs = [{ shape: [2] }, key(0)] as const;
  const table = float32([2], [1, 2]);
  const whole = (x: tf.Tensor, from: Key) => ({ x, table, from, none: null, undef: undefined, list: [x] });
  const { outTree, outAvals, module } = readExported(exportJax(whole as never, specs as never));
  t.equal(outTree, '{from: *, list: [*], none: None, table: *, x: *}');
  t.same(outAvals, ['uint32[2]', 'float32[2]', 'float32[2]', 'float32[2]']);
  t.match(module, /dense<\[1\.0.*, 2\.0.*\]> : tensor<2xf32>/);
  const foreign: readonly (readonly [unknown, string])[] = [
    [3, 'the number 3'],
    ['a', "the text 'a'"],
    [true, 'the boolean true'],
    [3n, 'the bigint 3'],
    [() => 3, 'a function'],
    [new Date(0), 'a Date'],
    [new Float32Array(2), 'a Float32Array'],
  ];
  for (const [part, shown] of foreign)
    for (const write of [exportJax, stablehloText])
      t.throws(() => write((x: tf.Tensor) => ({ x, list: [part] }), [{ shape: [2] }]), {
        name: 'TypeError',
        message: `${write.name}: the result has at 'list.0' ${shown}, expected arrays, such as tf.scalar(3) or float32([2], [1, 2]), and null for None: leave it out, or make an array of it`,
      });
});

t.test('an argument that is no array is refused with its place, and what to do', async (t) => {
  const scaled = (x: tf.Tensor, { eps }: { readonly eps: number }) => tf.add(x, eps);
  for (const write of [exportJax, stablehloText])
    t.throws(() => write(scaled, [{ shape: [2] }, { eps: 3 }] as never), {
      name: 'TypeError',
      message:
        `${write.name}: the argument at '1.eps' is the number 3, expected a shape, an array or a random key: give { shape: [], ` +
        "dtype: 'int32' }, or another dtype, for a number that the caller gives, and write a number that never changes into the function, such as (x) => f(x, 3)",
    });
  const { inTree } = readExported(exportJax((x: tf.Tensor) => x, [{ shape: [2] }, null] as never));
  t.equal(inTree, '((*, None), {})');
});

t.test('packed leaves are trees under their paths, and have gradients', async (t) => {
  await engine();
  const packed = train.pack({ a: { w: float32([2, 2], [1, 2, 3, 4]), b: float32([1], [5]) } });
  const doubled = (leaves: train.Leaves, x: tf.Tensor) => ({
    y: tf.mul(tf.sum(tf.square(leaves.matrix)), x),
    leaves: leaves.with(tf.mul(leaves.matrix, 2)),
  });
  const { inTree, inAvals, outTree, vjp } = readExported(
    exportJax(doubled as never, [packed, { shape: [] }] as never, { withGradient: true }),
  );
  t.equal(inTree, '(({a: {b: *, w: *}}, *), {})');
  t.same(inAvals, ['float32[1]', 'float32[2,2]', 'float32[]']);
  t.equal(outTree, '{leaves: {a: {b: *, w: *}}, y: *}');
  t.same(vjp?.outAvals, ['float32[1]', 'float32[2,2]', 'float32[]']);
  const cotangents = train.pack({ a: { w: float32([2, 2], [1, 1, 1, 2]), b: float32([1], [3]) } });
  const { layout } = packed;
  const product = (matrix: tf.Tensor) => {
    const { a } = train.unpack(packed.with(matrix));
    return tf.sum(tf.mul(train.pack({ a: { w: tf.square(a.w), b: a.b } }, layout).matrix, cotangents.matrix));
  };
  const grads = valueAndGrad(product)(packed.matrix).grads as tf.Tensor;
  const { a } = train.unpack(packed.with(grads));
  t.same([...a.w.dataSync(), ...a.b.dataSync()], [2, 4, 6, 16, 3]);
});

t.test('sizes that have to be multiples are asserted, where the program has to', async (t) => {
  const pooled = (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, 3, 2, 'same');
  const text = stablehloText(pooled, [{ shape: ['b', 'h', 4, 3] }], { sizes: { h: 2 } });
  t.match(
    text,
    /stablehlo\.remainder .*\n.*compare EQ.*\n.*@shape_assertion.*"h has to be a multiple of 2, found/,
  );
  t.match(text, /padding = dense<\[\[0, 0\], \[0, 1\], \[0, 1\], \[0, 0\]\]>/);
  const { inAvals, outAvals } = readExported(
    exportJax(pooled, [{ shape: ['b', 'h', 4, 3] }], { sizes: { h: 2 } }),
  );
  t.same([inAvals, outAvals], [['float32[b,2*h,4,3]'], ['float32[b,h,2,3]']], 'JAX itself refuses others');
  t.notMatch(
    stablehloText((x: tf.Tensor) => tf.neg(x), [{ shape: ['h'] }], { sizes: { h: 2 } }),
    /assertion/,
  );
});

t.test(
  'the file has trees, types, platforms and the module, in the forms of old readers and new ones',
  async (t) => {
    const { f, specs, names } = layerFunction(linear(3), [{ shape: ['batch', 4] }]);
    const { module, vjp, ...rest } = readExported(exportJax(f, specs, { name: 'linear', names }));
    t.same(rest, {
      version: 2,
      name: 'linear',
      inTree: '(({linear: {b: *, w: *}}, *), {})',
      outTree: '*',
      inAvals: ['float32[3]', 'float32[4,3]', 'float32[batch,4]'],
      outAvals: ['float32[batch,3]'],
      platforms: ['cpu', 'cuda', 'rocm', 'tpu'],
      convention: 9,
      kept: [0, 1, 2],
      hasOpenSizes: true,
    });
    t.match(module, /^module @linear \{\n.*main\(\n {6}%platform_index: tensor<i32>,\n/);
    t.equal(vjp, undefined);
  },
);

t.test('a gradient is a program of arguments and cotangents; whole numbers have none', async (t) => {
  const chosen = (table: tf.Tensor, ids: tf.Tensor) => ({ rows: tf.gather(table, ids as tf.Tensor1D), ids });
  const specs = [{ shape: [5, 2] }, { shape: [3], dtype: 'int32' as const }] as const;
  const { vjp, outTree } = readExported(exportJax(chosen, specs, { withGradient: true }));
  t.equal(outTree, '{ids: *, rows: *}');
  t.match(vjp, {
    name: 'renga_vjp',
    inTree: '((*, *, *, *), {})',
    outTree: '(*, *)',
    inAvals: ['float32[5,2]', 'int32[3]', 'float0[3]', 'float32[3,2]'],
    outAvals: ['float32[5,2]', 'float0[3]'],
    hasOpenSizes: false,
  });
  t.match(vjp?.module, /"stablehlo\.scatter".* stablehlo\.add/);
  t.throws(() => exportJax((x: tf.Tensor) => tf.argMax(x), [{ shape: [2] }], { withGradient: true }), {
    message: 'exportJax: there is no gradient of a function without float results',
  });
});

t.test('state is an argument beside parameters, and keys are uint32, in and out', async (t) => {
  const norm = layerFunction(batchNorm({ decayRate: 0.9 }), [{ shape: [4, 2] }]);
  const { inTree } = readExported(exportJax(norm.f, norm.specs, { names: norm.names }));
  t.match(inTree, /^\(\(\{batch_norm: \{offset: \*, scale: \*\}\}, \{batch_norm\/~\/mean_ema: \{average: /);
  const dropped = (x: tf.Tensor, from: Key) => {
    const [now, next] = split(from);
    return [
      tf.mul(
        x,
        tf.cast(
          bernoulliTensor(() => now, 0.5, [3]),
          'float32',
        ),
      ),
      next,
    ];
  };
  const { inAvals, outAvals, outTree, module } = readExported(exportJax(dropped, [{ shape: [3] }, key(0)]));
  t.same([inAvals, outAvals, outTree], [['float32[3]', 'uint32[2]'], ['float32[3]', 'uint32[2]'], '[*, *]']);
  t.match(module, /bitcast_convert %input_1 : \(tensor<2xui32>\) -> tensor<2xi32>/);
});

t.test('dicts are in the order of their keys, whatever order they were made in', async (t) => {
  const f = (p: Readonly<Record<string, tf.Tensor>>) => ({ z: p.b, 10: p.a, 9: p.é });
  const specs = [{ é: { shape: [1] }, b: { shape: [2] }, a: { shape: [3] } }] as const;
  const { inTree, inAvals, outTree, outAvals } = readExported(exportJax(f as never, specs as never));
  t.same([inTree, inAvals], ['(({a: *, b: *, é: *}), {})', ['float32[3]', 'float32[2]', 'float32[1]']]);
  t.same([outTree, outAvals], ['{10: *, 9: *, z: *}', ['float32[3]', 'float32[1]', 'float32[2]']]);
});

t.test('an operation without a form is named with its module', async (t) => {
  const refused = () => stablehloText((x: tf.Tensor) => tf.diag(x), [{ shape: [2] }]);
  t.throws(refused, new UnsupportedError('the program: StableHLO has no form for Diag'));
});

t.test('the batch of a training step may be open; quotients are what JAX reads', async (t) => {
  await engine();
  const net = transform(linear(1));
  const loss: train.Loss<{ x: HostArray; y: HostArray }> = ({ params }, { x, y }) =>
    train.weighted(train.l2Loss(net.apply(params, {}, x as never), y as never));
  const step = train.trainStep(loss, train.adam(0.1));
  const state = step.init({ params: net.init(key(0), { shape: [4, 2] }) }, key(1));
  const batch = { x: { shape: ['b', 2] }, y: { shape: ['b', 1] } };
  const text = stablehloText(step, [state, batch] as never);
  t.match(text, /get_dimension_size/, 'the mean divides by the size of the batch');
  const count = (x: tf.Tensor) => tf.cast(x, 'float32');
  t.throws(() => exportJax(count, [{ shape: [2], dtype: 'int32' }], { withGradient: true }), {
    message: /no gradient in arguments without floats/,
  });
  const halved = exportJax(
    (x: tf.Tensor) => tf.slice(x, [0], [Math.floor(x.shape[0] / 2)]),
    [{ shape: ['n'] }],
    { sizes: { n: 2 } },
  );
  t.same(readExported(halved).outAvals, ['float32[floordiv(n, 2)]']);
});
