/** Weights in fewer bits: what onnxruntime computes of them is near what it computes of the whole ones. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import * as web from 'onnxruntime-web';
import t from 'tap';
import { readArrays } from '../../../cli/demo/readArrays.js';
import { openCheckpoint } from '../../../lib/checkpoint/index.js';
import { array, type HostArray, int32 } from '../../../lib/data/array.js';
import { orThrow } from '../../../lib/data/orThrow.js';
import { chain, engine, key, module, residual, transform, type Weights } from '../../../lib/index.js';
import { showFileError } from '../../../lib/files/error.js';
import { exportOnnx, type OnnxOptions, writeOnnx } from '../../../lib/onnx/index.js';
import { compile, type CompileOptions } from '../../../lib/run/index.js';
import { truncatedNormal } from '../../../lib/language/initializers.js';
import { linear, mlp } from '../../../modules/index.js';
import { digits, words } from '../../../presets/index.js';
import type { AnyModel } from '../../../presets/preset.js';
import { heldOutDigits } from '../../../presets/digits/verify.js';
import { heldOutWords } from '../../../presets/words/verify.js';
import { difference, started } from './runtime.js';

await engine();

/** An input width that no block divides, a residual sum, and a layer whose name is that of cross-attention. */
const layer = chain(linear(64), residual(mlp({ wideningFactor: 2 })), linear(40));
const x = tf.randomNormal([5, 50], 0, 1, 'float32', 7);
const { init, apply } = transform(layer);
const params = init(key(0), x);
const weights: Weights = { params };

const cases: readonly (readonly [OnnxOptions, number])[] = [
  [{ weights: 'int8' }, 0.02],
  [{ weights: 'int8', products: 'int8' }, 0.05],
  [{ weights: 'int4' }, 0.25],
];

for (const [options, tolerance] of cases) {
  t.test(`${JSON.stringify(options)} gives nearly what float32 gives`, async (t) => {
    const model = exportOnnx(layer, weights, [{ shape: ['rows', 50] }], options);
    const types = new Map(model.initializers.map(({ name, type }) => [name, type]));
    t.equal(types.get('linear/w/levels'), options.products === 'int8' ? 'int8' : 'uint8');
    t.notOk(types.has('linear/w'), 'the whole weight is not in the model');
    const { run, names } = await started(model);
    const found = (await run([x]))[names.outputs[0]];
    const far = difference(found, apply(params, {}, x));
    t.ok(far < tolerance && far > 0, `${far}`);
  });
}

t.test('a weight that is read twice is there once', async (t) => {
  const twice = module('twice', (s) => (rows: tf.Tensor) => {
    const square = s.declare(linear(50));
    return square(square(rows));
  });
  const its: Weights = { params: transform(twice).init(key(0), x) };
  const { initializers } = exportOnnx(twice, its, [{ shape: [5, 50] }], { weights: 'int8' });
  t.equal(initializers.filter(({ name }) => name.includes('/levels')).length, 1);
});

t.test('parameters that are to stay whole do, and matrices that others read', async (t) => {
  const options: OnnxOptions = { weights: 'int8', whole: /^linear\// };
  const { initializers } = exportOnnx(layer, weights, [{ shape: [5, 50] }], options);
  const names = initializers.map(({ name }) => name);
  t.ok(names.includes('linear/w'));
  t.ok(names.includes('linear_1/w/levels'));
});

t.test(
  'a matrix is rounded only where that takes fewer bytes; the report says which, and why not',
  async (t) => {
    const rounding = (rows: number, columns: number, options: OnnxOptions) => {
      const one = linear(columns, { withBias: false });
      const its: Weights = { params: transform(one).init(key(0), tf.zeros([2, rows])) };
      const { initializers, rounding } = exportOnnx(one, its, [{ shape: [2, rows] }], options);
      const bytes = initializers.reduce((sum, each) => sum + each.bytes().length, 0);
      return { bytes, said: rounding?.whole[0]?.reason ?? rounding?.rounded[0] };
    };
    const larger = 'no smaller than as float16';
    const byBytes: OnnxOptions = { weights: 'int8', products: 'int8' };
    const cases: readonly (readonly [number, number, OnnxOptions, string])[] = [
      [1, 2000, { weights: 'int8' }, larger],
      [1, 2000, byBytes, larger],
      [33, 40, { weights: 'int8' }, larger],
      [33, 40, { weights: 'int4' }, 'linear/w'],
      [33, 40, byBytes, 'linear/w'],
      [30, 30, { weights: 'int8' }, 'of fewer than 1,024 numbers'],
    ];
    for (const [rows, columns, options, expected] of cases) {
      const { bytes, said } = rounding(rows, columns, options);
      t.equal(said, expected, `${rows} × ${columns} ${JSON.stringify(options)}`);
      t.ok(bytes <= rounding(rows, columns, { weights: 'float16' }).bytes);
    }
    t.equal(exportOnnx(layer, weights, [{ shape: [5, 50] }]).rounding, undefined);
  },
);

t.test('a matrix that is also read transposed stays whole', async (t) => {
  const both = module('both', (s) => (rows: tf.Tensor2D) => {
    const w = s.param('w', [50, 50], truncatedNormal());
    return tf.matMul(tf.matMul(rows, w as tf.Tensor2D), w as tf.Tensor2D, false, true);
  });
  const its: Weights = { params: transform(both).init(key(0), x as tf.Tensor2D) };
  const { rounding } = exportOnnx(both, its, [{ shape: [5, 50] }], { weights: 'int8' });
  t.same(rounding?.rounded, []);
});

t.test(
  'numbers that a type cannot hold end the writing with their place; those of the program stay whole',
  async (t) => {
    const withNumber = (number: number): Weights => {
      const w = array([50, 64], 'float32', new Float32Array(3200).fill(0.1));
      w.data[9] = number;
      return { params: { ...params, linear: { ...params.linear, w } } as Weights['params'] };
    };
    const cases: readonly (readonly [OnnxOptions['weights'], number])[] = [
      ['int8', NaN],
      ['int4', 1e6],
      ['float16', 1e6],
    ];
    for (const [type, number] of cases) {
      const model = exportOnnx(layer, withNumber(number), [{ shape: [5, 50] }], { weights: type });
      const written = await writeOnnx(join(t.testdir(), 'model.onnx'), model)();
      t.match(
        E.isLeft(written) && showFileError(written.left),
        `model.onnx: at linear/w: found the number ${number}, expected numbers that ${type} can hold`,
      );
    }
    const constant = tf.tensor1d(new Float32Array(1024).fill(-1e30).fill(0, 0, 9));
    const { initializers } = exportOnnx(
      module('masked', () => (rows: tf.Tensor) => tf.add(rows, constant)),
      { params: {} as never },
      [{ shape: [2, 1024] }],
      { weights: 'float16' },
    );
    t.same(initializers.find(({ shape }) => shape.join() === '1024')?.type, 'float32');
  },
);

const widened = ({ shape, data }: HostArray): HostArray => int32(shape, Array.from(data, Number));

const likeliest = ({ shape, data }: HostArray): number[] => {
  const [classes, values] = [shape.at(-1) as number, data as Float32Array];
  return Array.from({ length: data.length / classes }, (_, row) => {
    const scores = values.subarray(row * classes, (row + 1) * classes);
    return scores.indexOf(Math.max(...scores));
  });
};

t.test('int8 answers as float32 does: 99 % of bytes of words, all of 360 digits', async (t) => {
  const { inputs, mask } = await readArrays(heldOutWords);
  const { images } = await readArrays(heldOutDigits);
  const answers = async (name: 'words' | 'digits', options: CompileOptions): Promise<number[]> => {
    const model: AnyModel = { words, digits }[name]();
    const path = fileURLToPath(model.card.checkpoint!.url);
    const compiled = compile(model, (await orThrow(openCheckpoint(path))) as unknown as Weights, {
      threads: 1,
      ...options,
    });
    await using _ = compiled;
    const given = name === 'words' ? [widened(inputs), widened(mask)] : [images];
    return likeliest(
      (await (compiled.onHosts as (...all: HostArray[]) => Promise<unknown>)(...given)) as HostArray,
    );
  };
  const whole = { words: await answers('words', {}), digits: await answers('digits', {}) };
  const agreement = async (
    name: 'words' | 'digits',
    options: CompileOptions,
    isThere: (row: number) => boolean = () => true,
  ) => {
    const found = await answers(name, { weights: 'int8', ...options });
    const rows = found.map((_, row) => row).filter(isThere);
    return rows.filter((row) => found[row] === whole[name][row]).length / rows.length;
  };
  t.ok((await agreement('words', {}, (row) => Number(mask.data[row]) === 1)) >= 0.99);
  for (const options of [{}, { products: 'int8' }, { runtime: web }] as CompileOptions[])
    t.equal(await agreement('digits', options), 1);
});

t.test('types that there are none of are refused, and products that no weights are for', (t) => {
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ weights: 'int3' }, /weights are asked for in 'int3', expected one of float32, float16, int8, int4/],
    [{ products: 'int4' }, /products are asked for in 'int4'/],
    [{ products: 'int8' }, /products of int8 are for weights of int8 or int4, not float32/],
  ];
  for (const [options, message] of refused)
    t.throws(() => exportOnnx(layer, weights, [x], options), { name: 'RangeError', message });
  t.end();
});
