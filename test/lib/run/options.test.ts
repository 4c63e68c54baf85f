/** Calls with misspelt options, inputs that are no list, and layers that are none, at every function that takes a layer or a function. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { summary, trace, traceFunction } from '../../../lib/graph/index.js';
import { key, layerStack, outline, transform } from '../../../lib/index.js';
import { exportOnnx, graphToOnnx, writeOnnx } from '../../../lib/onnx/index.js';
import { compile, compileRunner, compileStep } from '../../../lib/run/index.js';
import { exportJax, layerFunction, stablehloText, writeJax } from '../../../lib/stablehlo/index.js';
import { linear } from '../../../modules/index.js';

const layer = linear(40);
const weights = { params: transform(layer).init(key(0), { shape: [1, 64] }) };
const inputs = [{ shape: [1, 64] }] as const;
const negated = (x: tf.Tensor) => tf.neg(x);
const graph = traceFunction(negated, [{ shape: [2] }]);

type Call = (options: never) => unknown;

t.test('an option that a function does not have is refused with the nearest that it has', async (t) => {
  const calls: readonly (readonly [string, string, string, Call])[] = [
    ['exportOnnx', 'weight', 'weights', (o) => exportOnnx(layer, weights, inputs as never, o)],
    ['graphToOnnx', 'product', 'products', (o) => graphToOnnx(graph, {}, o)],
    ['exportJax', 'withgradient', 'withGradient', (o) => exportJax(negated, [{ shape: [2] }], o)],
    ['stablehloText', 'size', 'sizes', (o) => stablehloText(negated, [{ shape: [2] }], o)],
    ['traceFunction', 'nmes', 'names', (o) => traceFunction(negated, [{ shape: [2] }], o)],
    ['trace', 'isComposd', 'isComposed', (o) => trace(layer, inputs as never, o)],
    ['layerFunction', 'nams', 'names', (o) => layerFunction(layer, inputs as never, o)],
    ['outline', 'istraining', 'isTraining', (o) => outline(layer, inputs as never, o)],
    ['compile', 'thread', 'threads', (o) => compile(layer, weights, o)],
    ['compileRunner', 'weigths', 'weights', (o) => compileRunner(weights, o)],
    ['writeOnnx', 'externaldata', 'externalData', (o) => writeOnnx('m.onnx', graphToOnnx(graph), o)],
    ['writeJax', 'signl', 'signal', (o) => writeJax('m.jax', new Uint8Array(), o)],
    ['layerStack', 'revers', 'reverse', (o) => layerStack(2, (_s, x: tf.Tensor) => x, o)],
    ['compileStep', 'thread', 'threads', (o) => compileStep(() => ({}) as never, o)],
  ];
  for (const [name, wrong, likely, call] of calls)
    t.throws(() => call({ [wrong]: {} } as never), {
      message: `${name}: found option '${wrong}', which it does not have; did you mean '${likely}'?`,
    });
  for (const call of calls.slice(2, 7).map((each) => each[3]))
    t.throws(() => call({ names: { input: ['x'] } } as never), {
      message: /: names: found option 'input', which it does not have; did you mean 'inputs'\?/,
    });
});

t.test('parameters that stay whole have to be some, of weights that are rounded', async (t) => {
  t.throws(() => exportOnnx(layer, weights, inputs as never, { whole: /w$/ }), {
    name: 'TypeError',
    message: /^exportOnnx: 'whole' leaves parameters out of the rounding/,
  });
  t.throws(() => exportOnnx(layer, weights, inputs as never, { weights: 'int8', whole: /no/ }), {
    name: 'RangeError',
    message:
      "exportOnnx: 'whole' is /no/, which fits no parameter, expected paths such as linear/w, linear/b",
  });
  for (const call of [
    () => exportOnnx(layer, weights, inputs as never, { weights: 'int8', whole: 'w' as never }),
    () => compile(layer, weights, { weights: 'int8', whole: 'w' as never }),
  ])
    t.throws(call, { name: 'TypeError', message: /'whole' is "w", expected a regular expression/ });
  const { rounding } = exportOnnx(layer, weights, inputs as never, { weights: 'int8', whole: /^$/ });
  t.same(rounding?.rounded, ['linear/w']);
});

t.test(
  'inputs that are no list, and layers that are none, are refused by each function in its name',
  async (t) => {
    const calls: Readonly<Record<string, (given: never, layer: never) => unknown>> = {
      exportOnnx: (given, one) => exportOnnx(one, weights, given),
      trace: (given, one) => trace(one, given),
      summary: (given, one) => summary(one, given),
      layerFunction: (given, one) => layerFunction(one, given),
      outline: (given, one) => outline(one, given),
    };
    for (const [name, call] of Object.entries(calls)) {
      for (const [given, shown] of [
        [undefined, 'of type undefined'],
        [{ shape: [1, 64] }, 'an array or a shape outside of a list'],
      ] as const)
        t.throws(() => call(given as never, layer as never), {
          name: 'TypeError',
          message: new RegExp(
            `^${name}: the inputs are ${shown}, expected a list with an array or a shape for each`,
          ),
        });
      t.throws(() => call(inputs as never, 3 as never), {
        name: 'TypeError',
        message: `${name}: the layer is of type number, expected one, such as linear(3)`,
      });
      t.throws(() => call(inputs as never, { network: layer } as never), {
        message: `${name}: the layer is a model, expected its network, as model.network is`,
      });
    }
    for (const call of [exportJax, stablehloText])
      t.throws(() => call(negated, undefined as never), {
        message: new RegExp(`^${call.name}: the specs are of type undefined, expected ${call.name}\\(f`),
      });
    t.throws(() => writeJax('none.jax', {} as never), {
      message: 'writeJax: the program is of type object, expected bytes, as exportJax gives them',
    });
    t.throws(() => writeOnnx('none.onnx', {} as never), {
      message: 'writeOnnx: the model is of type object, expected one as exportOnnx gives it',
    });
    t.throws(() => exportOnnx(layer, undefined as never, inputs as never), {
      message: /^exportOnnx: the weights are of type undefined/,
    });
  },
);
