/** Training steps beside peers: the program that peers are given, and the page that says what was reached. */
import * as tf from '@tensorflow/tfjs-core';
import t from 'tap';
import { baselineOps } from '../../bench/baseline/ops.js';
import type { Ops, Program } from '../../bench/ops.js';
import { imagenet } from '../../bench/programs/imagenet.js';
import { language } from '../../bench/programs/language.js';
import { count } from '../../bench/count.js';
import { outlineOf } from '../../bench/engines/rengaPrograms.js';
import { stepAims, stepsMarkdown } from '../../bench/report/steps.js';
import { noResults } from '../../bench/results.js';
import { sampleRow } from '../../bench/sampleRow.js';
import { inputTensor, keptParams } from '../../bench/tensors.js';
import { record, type Recorded } from '../../bench/withPeers/record.js';
import { stepNames, withSpeeds } from '../../bench/withPeers/steps.js';
import type { InputSpec } from '../../bench/work.js';
import { modelOf, steps } from '../../bench/works/steps.js';
import { smallConv, smallLanguage } from '../../bench/works/training.js';
import { flatten } from '../../lib/data/tree.js';
import { engine } from '../../lib/engine/index.js';

await engine();

/** Runs a recorded program as peers do. */
const play = ({ lines, output, constants }: Recorded, inputs: readonly tf.Tensor[]): tf.Tensor => {
  const param = keptParams(tf);
  const ops = baselineOps(param) as unknown as Record<string, (...args: unknown[]) => tf.Tensor>;
  const values: tf.Tensor[] = [...inputs];
  const argument = (x: unknown): unknown => {
    if (Array.isArray(x)) return x.map(argument);
    return typeof x === 'object' && x !== null ? values[(x as { value: number }).value] : (x ?? undefined);
  };
  for (const [name, number, args] of lines) {
    if (name === 'param') {
      const [path] = args as [string];
      const slash = path.lastIndexOf('/');
      values[number] = param(path.slice(0, slash), path.slice(slash + 1), shapes.get(path) as number[]);
    } else if (name === 'constant') {
      const { shape, data } = constants[args[0] as number];
      values[number] = tf.tensor(data, [...shape]);
    } else values[number] = ops[name](...args.map(argument));
  }
  return values[output];
};

const shapes = new Map<string, readonly number[]>();

const tiny = { numLatents: 4, numLatentChannels: 8, numBlocks: 1, numSelfAttendsPerBlock: 1 };
const heads = { numSelfAttendHeads: 2, numCrossAttendHeads: 1 };
const programs: Readonly<Record<string, readonly [Program, readonly InputSpec[]]>> = {
  language: [
    language({ ...smallLanguage, maxLength: 8, encoder: { ...smallLanguage.encoder, numLatents: 4 } }),
    [
      { name: 'ids', shape: [2, 8], kind: 'ids', range: 262 },
      { name: 'mask', shape: [2, 8], kind: 'mask' },
    ],
  ],
  conv: [
    imagenet({ ...smallConv, imageSize: 16, isTraining: true, encoder: { ...tiny, ...heads } }),
    [{ name: 'images', shape: [2, 16, 16, 3], kind: 'normal', range: 1 }],
  ],
};

/** Numbers of constants as JSON keeps them. */
const plain = (_name: string, value: unknown): unknown =>
  value instanceof Float32Array ? [...value] : value;

for (const [name, [program, specs]] of Object.entries(programs)) {
  t.test(`the program that peers are given computes what the program does: ${name}`, async (t) => {
    const param = keptParams(tf);
    const watched: Ops<tf.Tensor>['param'] = (path, leaf, shape) => {
      shapes.set(`${path}/${leaf}`, shape);
      return param(path, leaf, shape);
    };
    const inputs = specs.map((spec) => inputTensor(tf, spec));
    const [expected] = program(baselineOps(watched), inputs);
    const recorded = record(
      program,
      specs.map(({ shape }) => shape),
    );
    const found = play(JSON.parse(JSON.stringify(recorded, plain)) as Recorded, inputs);
    t.same(found.shape, expected.shape);
    // Stock operations compute Fourier features; peers are given their values.
    t.ok(tf.max(tf.abs(tf.sub(found, expected))).dataSync()[0] < 1e-5);
  });
}

t.test('steps ask for the parameters that the library trains', async (t) => {
  for (const work of steps.map(modelOf)) {
    const asked = count(
      work.program,
      work.inputs.map(({ shape }) => shape),
    ).params.map(({ path, leaf, shape }) => `${path}/${leaf} ${shape}`);
    const { params } = outlineOf(work) as NonNullable<ReturnType<typeof outlineOf>>;
    t.same(
      asked.sort(),
      flatten(params)
        .map(([path, { shape }]) => `${path} ${shape}`)
        .sort(),
      work.name,
    );
  }
});

const work = 'step, small language model: batch 16';
const measured = withSpeeds({
  rows: [
    sampleRow(work, stepNames.ours, 2, 0.1, { gflops: 40, peakBytes: 3e8 }),
    sampleRow(work, stepNames.compiled, 2, 0.05),
    sampleRow(work, stepNames.jax, 2, 0.08, { peakBytes: 1e8 }),
  ],
});

t.test('a ratio is the speed in multiples of JAX’s; memory is held to JAX’s', async (t) => {
  t.same(
    stepAims(measured.rows).map(({ measured }) => measured.map(([, figure]) => figure.toPrecision(3))),
    [['0.800'], [], ['1.60'], ['40.0'], ['3.00']],
  );
});

t.test('the page says which aims of steps were reached', async (t) => {
  const machine = {
    processor: 'one',
    cores: 2,
    memoryBytes: 8e9,
    system: 'a system',
    load: null,
    date: 'today',
  };
  const page = stepsMarkdown({ ...noResults(machine, { node: '20' }), ...measured });
  t.match(page, `| small models: speed against JAX | at least 0.9 | 0.800 | no | ${work} |`);
  t.match(page, `| compiled: speed against JAX | at least 1 | 1.60 | yes | ${work} |`);
  t.match(page, `| peak memory against JAX’s | at most 1.5 | 3.00 | no | ${work} |`);
  t.match(page, '| full-size blocks: speed against JAX | at least 0.5 | — | — | not measured |');
});
