/**
 * Training steps exported here and taken by JAX: from recorded states they are this library's own, with the same dropout;
 * and the guide's page of training on a mesh, on one device and on eight devices of one processor.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { array, float32, type HostArray } from '../../lib/data/array.js';
import { toTensor } from '../../lib/data/leaf.js';
import { chain } from '../../lib/language/combinators/index.js';
import { transformWithState } from '../../lib/language/transform.js';
import { key, normal } from '../../lib/random/index.js';
import * as train from '../../lib/train/index.js';
import { batchNorm, dropoutLayer, linear, mlp } from '../../modules/index.js';
import { node, outputOf } from '../child.js';
import { root } from '../project.js';
import { blocks, compile, fillProject, programs } from '../snippets.js';
import { compareOutputs, type Finding, finding, type Group } from './finding.js';
import { type ComparedCase, leavesOf, tryCases } from './jaxCase.js';
import { run } from './process.js';

interface Batch {
  readonly x: HostArray;
  readonly y: HostArray;
}

const model = transformWithState(
  chain(batchNorm({ decayRate: 0.9 }), linear(6), dropoutLayer(0.3), mlp(), linear(1)),
);

const loss: train.Loss<Batch> = ({ params, state }, { x, y }, options) => {
  const { output, state: next } = model.apply(params, state, options, x as tf.Tensor2D);
  return { ...train.weighted(train.l2Loss(output, y)), state: next };
};

const batchOf = (seed: number): Batch => {
  const x = normal(key(seed), [8, 3]);
  const sums = Array.from({ length: 8 }, (_, i) => x.data[3 * i] - 2 * x.data[3 * i + 1]);
  return { x, y: float32([8, 1], Float32Array.from(sums)) };
};

/** Another engine sums in another order, and a step divides by small numbers. */
const share = 1e-4;

/** Steps from the states that this library comes by. */
const stepCases = (work: string): ComparedCase[] => {
  const schedule = train.cosineDecaySchedule({ initValue: 1e-2, decaySteps: 50 });
  const optimizer = train.chain(train.clipByGlobalNorm(1), train.adamw(schedule));
  const step = train.trainStep(loss, optimizer, { ema: { decay: 0.9, start: 'zeros' } });
  let state = step.init(model.init(key(0), toTensor(batchOf(1).x) as tf.Tensor2D), key(7));
  return [1, 2, 3].map((n) => {
    const batch = batchOf(n);
    const args = [state, batch];
    const given = leavesOf(args);
    const next = step(state, batch);
    ({ state } = next);
    const own = leavesOf([next]);
    // The step has freed the state that it was given.
    const specs = args;
    return {
      what: `step ${n} from a recorded state: dropout, batch norm, clipping, AdamW on a schedule, an average`,
      folder: join(work, `step-${n}`),
      f: step as unknown as ComparedCase['f'],
      specs,
      args: given,
      compare: (found) => own.map((leaf, i) => compareOutputs(String(i), found.get(String(i))!, leaf, share)),
    };
  });
};

const page = (): string => readFileSync(join(root, 'docs', 'guide', 'scale.md'), 'utf8');

/** The page's program, compiled and run; its files lie in the folder. */
const runPage = (folder: string): void => {
  const [program] = programs(page());
  fillProject(folder, { 'train.ts': program });
  compile([join(folder, 'train.ts')]); // the tests of pages look at the types
  outputOf(node(folder, 'train.js'));
};

/** Ways to train: the number of devices, and whether the page's lines for wide weights are taken. */
const ways = [
  { name: 'one', devices: 1, isWide: false, what: '' },
  { name: 'eight', devices: 8, isWide: false, what: 'the batch sharded over eight devices' },
  { name: 'wide', devices: 8, isWide: true, what: 'the batch over four devices, wide weights over two' },
] as const;

type Way = (typeof ways)[number];

/** The page's Python, with other lines for the mesh and the sharding where weights are wide. */
const script = ({ isWide, devices }: Way): string => {
  const [python, wide] = blocks(page(), 'py').map(({ text }) => text);
  const lines = wide.trim().split('\n');
  const chosen = python.split('\n').map((line) => {
    const other = lines.find((each) => each.split(' = ')[0] === line.split(' = ')[0]);
    return isWide && other !== undefined ? other : line;
  });
  const flags = `import os\nos.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=${devices}"\n`;
  return flags + chosen.join('\n');
};

/** The losses that the page's Python prints. */
const losses = async (python: string, folder: string, way: Way): Promise<HostArray> => {
  const path = join(folder, `${way.name}.py`);
  writeFileSync(path, script(way));
  const printed = await run(python, [path], folder);
  const values = printed.trim().split('\n').map(Number);
  return array([values.length], 'float32', Float32Array.from(values));
};

const tryPage = async (python: string, folder: string): Promise<Finding[]> => {
  mkdirSync(folder, { recursive: true });
  runPage(folder);
  const [alone, ...others] = ways;
  const expected = await losses(python, folder, alone);
  return Promise.all(
    others.map((way) =>
      finding(`the guide's training, ${way.what}: losses are those of one device`, async () => [
        compareOutputs('loss', await losses(python, folder, way), expected),
      ]),
    ),
  );
};

/** Training steps, and training on a mesh. */
export const toJaxTraining = async (python: string, work: string): Promise<Group> => {
  const folder = join(work, 'jax-training');
  const findings = await tryCases(python, stepCases(folder));
  findings.push(...(await tryPage(python, join(folder, 'mesh'))));
  return {
    title: 'Training steps exported here, taken by JAX',
    doc: 'Parameters, optimizer, averages, state and the next key after each step, from the same state with the same key; and the losses of [the guide](guide/scale.md) on several devices.',
    findings,
  };
};
