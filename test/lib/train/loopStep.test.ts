/** The loop with a compiled step. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { type HostArray } from '../../../lib/data/array.js';
import { engine } from '../../../lib/engine/index.js';
import { transform } from '../../../lib/language/transform.js';
import { key, normal } from '../../../lib/random/index.js';
import { compileStep } from '../../../lib/run/index.js';
import * as train from '../../../lib/train/index.js';
import { linear } from '../../../modules/index.js';

t.before(() => engine());

const model = transform(linear(1));
const params = model.init(key(0), { shape: [4, 3] });
interface Batch {
  readonly x: HostArray;
}
const loss: train.Loss<Batch> = (weights, { x }, options) =>
  train.weighted(tf.square(tf.sub(model.apply(weights.params, options, x as tf.Tensor2D), 1)));

t.test(
  'a compiled step trains in the loop as the step itself does, and its checkpoints say so',
  async (t) => {
    const adam: train.Transformation = train.adam(0.1);
    const step = train.trainStep(loss, adam, { ema: { decay: 0.5, start: 'zeros' } });
    const before = tf.memory().numTensors;
    const run = async (
      computed: train.LoopStep<Batch, train.OptimizerState>,
      store: train.CheckpointStore,
    ) => {
      const losses: number[] = [];
      const notes: string[] = [];
      for await (const event of train.train({
        step: computed,
        state: step.init({ params }, key(1)),
        data: { at: (n) => ({ x: normal(key(n), [4, 3]) }) },
        key: key(2),
        numSteps: 3,
        evaluate: { every: 3, run: async (weights) => ({ w: flat(weights.params)[0] }) },
        checkpoints: { store, every: 2, resume: true },
      })) {
        if (event.kind === 'started') notes.push(...event.notes);
        if (event.kind === 'step') losses.push(event.metrics.loss);
        if (event.kind === 'evaluated') losses.push(event.raw.w, event.ema!.w);
      }
      return { losses, notes };
    };
    await using compiled = compileStep(step, { threads: 1 });
    const [own, other] = [train.memoryStore(), train.memoryStore()];
    const byEngine = await run(step, own);
    const byRuntime = await run(train.loopStep(step, compiled), other);
    t.equal(byEngine.losses.length, 5);
    byEngine.losses.forEach((value, i) => t.ok(Math.abs(value - byRuntime.losses[i]) < 1e-5));
    const again = await run(step, other);
    t.match(again.notes, [
      /^the checkpoint is of engine onnxruntime, and renga runs/,
      /^nothing is left to do/,
    ]);
    t.equal(tf.memory().numTensors, before);
    t.throws(
      () => train.loopStep(compiled as never, compiled),
      /the step is a function, expected one of trainStep/,
    );
    t.throws(() => train.loopStep(step, undefined as never), /the compiled step is of type undefined/);
    t.throws(() => train.loopStep(step, compiled, { name: 'x' } as never), /loopStep: found option 'name'/);
  },
);

const flat = (tree: object): number[] =>
  Object.values(tree).flatMap((leaves) =>
    Object.values(leaves as Record<string, tf.Tensor>).flatMap((leaf) => [...leaf.dataSync()]),
  );
