/** `renga weights`: agreement with whole weights, inputs that are checked, and a table of a model of one's own. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Agreement, agreementOf } from '../../cli/weights/agreement.js';
import { expectIdsOf } from '../../cli/weights/forms.js';
import { givenFor } from '../../cli/weights/inputs.js';
import { agreements, type Measured } from '../../cli/weights/measure.js';
import { checkWhole, expectRounded, showRounding, wholeOf } from '../../cli/weights/rounding.js';
import { formatNpz } from '../../lib/checkpoint/index.js';
import { float32, type HostArray, int32 } from '../../lib/data/array.js';
import { key, uniform } from '../../lib/random/index.js';
import { trace } from '../../lib/graph/index.js';
import { embed } from '../../modules/index.js';
import { digits, perceiverAr } from '../../presets/index.js';
import { linkDependencies, linkPackage } from '../project.js';
import { outputOf, renga } from './run.js';

const expected = float32([3, 2], [1, 2, 4, 3, 0, 1]);
const npz = (arrays: Record<string, HostArray>) => formatNpz(Object.entries(arrays));

const found = float32([3, 2], [1, 2, 3, 3.5, 0, 1]);

t.test('differences are relative to the largest value, agreement is a share of rows', async (t) => {
  t.same(agreementOf(found, expected), { difference: 0.25, agreement: 2 / 3 });
  t.same(
    agreementOf(found, expected, (row) => row !== 1),
    { difference: 0.25, agreement: 1 },
  );
  t.same(agreementOf(expected, expected), { difference: 0, agreement: 1 });
});

t.test('NaN agrees with nothing; whole weights that give it are refused', async (t) => {
  const some = float32([3, 2], [1, NaN, 4, 3, NaN, NaN]);
  t.same(agreementOf(some, expected), { difference: NaN, agreement: 1 / 3 });
  const measured = (logits: HostArray) => ({ outputs: { logits } }) as unknown as Measured;
  t.same(agreements([measured(expected), measured(some)], undefined)[1], {
    difference: NaN,
    agreement: 1 / 3,
  });
  t.throws(() => agreements([measured(some), measured(some)], undefined), /logits: the whole weights give/);
  t.throws(() => agreements([measured(expected)], int32([2], [1, 1])), /found 2 numbers, expected one for/);
  t.throws(() => agreements([measured(expected)], int32([3], [0, 0, 0])), /all numbers are 0/);
});

t.test('what is rounded is said; nothing rounded, and --whole without effect, are refused', async (t) => {
  const params = { 'net/linear': { w: 1, b: 1 } };
  checkWhole(undefined, params);
  checkWhole(/^$/, params);
  checkWhole(/linear\/w/, params);
  t.throws(() => checkWhole(/nosuch/, params), {
    message:
      "--whole 'nosuch' matches no parameter, expected paths such as net/linear/w, net/linear/b; '^$' leaves none whole",
  });
  t.throws(() => wholeOf('('), /--whole is '\(', expected a regular expression/);
  const whole = [{ path: 'net/w', shape: [33, 40], reason: 'of sizes that 32 does not divide' }];
  const stays = '1 stays whole, of sizes that 32 does not divide: net/w [33, 40]';
  t.same(showRounding('int4', { rounded: ['a/w'], whole }), [
    '1 of 2 matrices rounded to int4; other leaves are float16',
    stays,
  ]);
  expectRounded('--dtype int4', { rounded: ['a/w'], whole });
  t.throws(() => expectRounded('--dtype int4', { rounded: [], whole }), {
    message: `--dtype int4 would round nothing; nothing was written. float16 halves the bytes\n${stays}`,
  });
});

t.test('inputs are checked against the shapes of the model', async (t) => {
  const path = join(t.testdir(), 'inputs.npz');
  const given = (arrays: Record<string, HostArray>) => {
    writeFileSync(path, npz(arrays));
    return givenFor(digits(), path, true);
  };
  const pictures = (shape: readonly number[]) =>
    float32(shape, new Float32Array(shape.reduce((size, n) => size * n, 1)));
  t.same((await given({ images: pictures([2, 8, 8, 1]) })).sizes, { batch: 2 });
  await t.rejects(
    given({ images: pictures([2, 9, 8, 1]) }),
    /images: found \[2, 9, 8, 1\], expected \[2, 8, 8, 1\]/,
  );
  await t.rejects(given({ images: pictures([0, 8, 8, 1]) }), /expected \[batch, .*at least one example/);
  await t.rejects(
    given({ picture: pictures([2, 8, 8, 1]) }),
    /found the arrays picture, expected images \[batch/,
  );
  await t.rejects(givenFor(digits(), join(t.testdir(), 'none.npz'), true), /no such file/);
  await t.rejects(
    givenFor(perceiverAr(), undefined, true),
    /--inputs names an .npz with events \[batch, 32\]/,
  );
});

t.test('ids that a table of the model has not are named with their input', async (t) => {
  const specs = [{ shape: [3], dtype: 'int32' }] as never;
  const graph = trace(embed({ vocabSize: 50, numChannels: 2 }) as never, specs, {
    names: { inputs: ['ids'] },
  });
  const ofIds = (ids: readonly number[]) => ({ inputs: [int32([3], ids)], where: '--inputs ids.npz' });
  expectIdsOf(graph, ofIds([0, 1, 49]));
  t.throws(() => expectIdsOf(graph, ofIds([0, 77, 1])), {
    message: "--inputs ids.npz: id 77 at index 1 of input 'ids' is not in a vocabulary of 50",
  });
});

t.test('a table of a preset of one’s own, by the inputs of a file', async (t) => {
  const here = t.testdir({ 'model.ts': "export { digits as model } from 'renga/presets';" });
  linkDependencies(here);
  linkPackage(here);
  writeFileSync(join(here, 'inputs.npz'), npz({ images: uniform(key(1), [4, 8, 8, 1]) }));
  const said = outputOf(
    renga(
      here,
      ...[
        'weights',
        '--model',
        'model.ts',
        '--seed',
        '1',
        '--inputs',
        'inputs.npz',
        '--rounds',
        '1',
        '--json',
      ],
    ),
  );
  const { model, untrained, weights } = JSON.parse(said) as {
    readonly model: string;
    readonly untrained: boolean;
    readonly weights: readonly (Agreement & { readonly weights: string; readonly bytes: number })[];
  };
  t.same([model, untrained], ['digits', true]);
  t.same(
    weights.map((each) => each.weights),
    ['float32', 'float16', 'int8', 'int8, products of int8', 'int4'],
  );
  const [{ difference, bytes }, ...others] = weights;
  t.equal(difference, 0);
  for (const other of others)
    t.ok(other.difference > 0 && other.difference < 0.5 && other.bytes < bytes, JSON.stringify(other));
});
