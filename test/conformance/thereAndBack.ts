/** A training that begins here, goes on in JAX by its exported step, and comes back: its losses are those of one that stayed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { array, type HostArray } from '../../lib/data/array.js';
import { formatNpz, showCheckpointError, writeCheckpoint } from '../../lib/checkpoint/index.js';
import { exportJax } from '../../lib/stablehlo/index.js';
import * as train from '../../lib/train/index.js';
import { compareOutputs, type Finding, finding } from './finding.js';
import { runScript } from './process.js';
import { checkpointIn, rightOf } from './read.js';

interface Batch {
  readonly x: HostArray;
  readonly y: HostArray;
}

/** A step with a state to begin with, and a batch for each number. */
interface Training {
  readonly step: train.TrainStep<Batch, train.OptimizerState>;
  readonly init: () => train.TrainState;
  readonly batchOf: (n: number) => Batch;
}

/** Steps taken in each place. */
const count = 3;

const losses = (values: readonly number[]): HostArray =>
  array([values.length], 'float32', Float32Array.from(values));

/** Three steps here, three in JAX, three here. */
export const thereAndBack = (
  python: string,
  folder: string,
  { step, init, batchOf }: Training,
): Promise<Finding> =>
  finding('three steps here, three in JAX by the exported step, three here: losses', async () => {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'state.pickle');
    const take = async (from: train.TrainState, first: number, steps: number) => {
      const found: number[] = [];
      let state = from;
      for (let n = first; n < first + steps; n++) {
        const next = step(state, batchOf(n));
        found.push((await train.readMetrics(next.metrics)).loss);
        ({ state } = next);
      }
      return { state, found };
    };
    const whole = await take(init(), 0, 3 * count);
    const before = await take(init(), 0, count);
    const savable = await train.toJax(before.state, { form: 'step' });
    rightOf(showCheckpointError)(await writeCheckpoint(path, savable, { format: 'pickle' })());
    writeFileSync(join(folder, 'step.jax'), exportJax(step, [before.state, batchOf(0)]));
    const there = [0, 1, 2].flatMap((n) =>
      Object.entries(batchOf(count + n)).map(([name, each]) => [`${name}${n}`, each as HostArray] as const),
    );
    writeFileSync(join(folder, 'in.npz'), formatNpz(there));
    const inJax = (await runScript(python, 'take_steps.py', folder, String(count))) as readonly number[];
    const problems = (all: readonly string[]) => all.join('; ');
    const back = rightOf(problems)(train.fromJax(await checkpointIn(path), step));
    const after = await take(back, 2 * count, count);
    [whole, before, after].forEach(({ state }) => train.freeTrainState(state));
    return [
      compareOutputs('loss', losses([...before.found, ...inJax, ...after.found]), losses(whole.found), 1e-5),
    ];
  });
