/**
 * Training steps exported here and taken by JAX: from recorded states they are this library's own, with the same dropout;
 * and the guide's page of training on a mesh, on one device and on eight devices of one processor.
 */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
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
import type { Check } from '../golden/compare.js';
import { compareOutputs, type Finding, finding, type Group } from './finding.js';
import { type ComparedCase, leavesOf, tryCases } from './jaxCase.js';
import { run } from './process.js';
import { thereAndBack } from './thereAndBack.js';

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

const training = () => {
  const schedule = train.cosineDecaySchedule({ initValue: 1e-2, decaySteps: 50 });
  const optimizer = train.chain(train.clipByGlobalNorm(1), train.adamw(schedule));
  const step = train.trainStep<Batch, train.OptimizerState>(loss, optimizer, {
    ema: { decay: 0.9, start: 'zeros' },
  });
  const init = () => step.init(model.init(key(0), toTensor(batchOf(1).x) as tf.Tensor2D), key(7));
  return { step, init, batchOf };
};

/** Steps from the states that this library comes by. */
const stepCases = (work: string): ComparedCase[] => {
  const { step, init } = training();
  let state = init();
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

/** Compiles the page's program. */
const compilePage = (folder: string): void => {
  const [program] = programs(page());
  fillProject(folder, { 'train.ts': program });
  compile([join(folder, 'train.ts')]); // the tests of pages look at the types
};

/** Runs the page's program, whose files lie in the folder; the last line that it prints. */
const runPage = (folder: string): string => outputOf(node(folder, 'train.js')).trim();

/** Ways to train: the number of devices, and of those that share a wide weight. */
const ways = [
  { name: 'eight', devices: 8, width: 1, what: 'the batch sharded over eight devices' },
  { name: 'wide', devices: 8, width: 2, what: 'the batch over four devices, wide weights over two' },
];

interface Way {
  readonly name: string;
  readonly devices: number;
  readonly width: number;
}

/** A text with another one in the place of a part. @throws Error where it has no such part */
const withOther = (text: string, part: string, other: string): string => {
  if (!text.includes(part)) throw new Error(`the guide's Python has no '${part}'`);
  return text.replace(part, other);
};

/** The page's Python for a way, and the number of its batches. */
const script = ({ devices, width }: Way, count: number): string => {
  const [{ text }] = blocks(page(), 'py');
  const wide = withOther(text, 'width = 1 ', `width = ${width} `);
  const flags = `import os\nos.environ["XLA_FLAGS"] = "--xla_force_host_platform_device_count=${devices}"\n`;
  return flags + withOther(wide, 'first + 5', `first + ${count}`);
};

/** The losses that the page's Python prints in runs one after the other, each with the state of the one before. */
const losses = async (
  python: string,
  folder: string,
  way: Way,
  counts: readonly number[],
): Promise<HostArray> => {
  const own = join(folder, way.name);
  mkdirSync(own);
  for (const file of ['start.jax', 'step.jax', 'params.pickle'])
    copyFileSync(join(folder, file), join(own, file));
  const values: number[] = [];
  for (const count of counts) {
    writeFileSync(join(own, 'train.py'), script(way, count));
    values.push(...(await run(python, ['train.py'], own)).trim().split('\n').map(Number));
  }
  return array([values.length], 'float32', Float32Array.from(values));
};

/** Taken back by the page's program, JAX's state is after as many steps as JAX took. */
const takenBack = async (folder: string, from: string, steps: number): Promise<Check> => {
  copyFileSync(join(folder, from, 'state.pickle'), join(folder, 'state.pickle'));
  const found = runPage(folder);
  return {
    array: `steps of the state: ${found}`,
    error: Number(found) === steps ? 0 : Infinity,
    tolerance: 0,
  };
};

const tryPage = async (python: string, folder: string): Promise<Finding[]> => {
  mkdirSync(folder, { recursive: true });
  compilePage(folder);
  runPage(folder);
  const expected = await losses(python, folder, { name: 'one', devices: 1, width: 1 }, [10]);
  return Promise.all(
    ways.map(({ what, ...way }) =>
      finding(
        `the guide's training, ${what}, stopped and taken up after five steps: losses are those of one device; and taken back`,
        async () => {
          const found = await losses(python, folder, way, [5, 5]);
          return [compareOutputs('loss', found, expected), await takenBack(folder, way.name, 10)];
        },
      ),
    ),
  );
};

/** Training steps, and training on a mesh. */
export const toJaxTraining = async (python: string, work: string): Promise<Group> => {
  const folder = join(work, 'jax-training');
  const findings = await tryCases(python, stepCases(folder));
  findings.push(await thereAndBack(python, join(folder, 'there-and-back'), training()));
  findings.push(...(await tryPage(python, join(folder, 'mesh'))));
  return {
    title: 'Training steps exported here, taken by JAX',
    doc: 'Parameters, optimizer, averages, state and the next key after each step, from the same state with the same key; and the losses of [the guide](guide/scale.md) on several devices, with the state saved, taken up again and taken back. A training moves to JAX and back in the middle.',
    findings,
  };
};
