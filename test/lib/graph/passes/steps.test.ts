/** The laws of the passes over training steps: the same next state and metrics, in parts, and with the choice left out. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray } from '../../../../lib/data/array.js';
import { isArray, isTensor, toTensor } from '../../../../lib/data/leaf.js';
import { partsOf } from '../../../../lib/data/nest.js';
import { engine } from '../../../../lib/engine/index.js';
import { type Graph, traceFunction } from '../../../../lib/graph/index.js';
import { byLeaves } from '../../../../lib/graph/passes/byLeaves.js';
import { mergeScales } from '../../../../lib/graph/passes/mergeScales.js';
import { outsideChoice } from '../../../../lib/graph/passes/outsideChoice.js';
import { withoutIdle } from '../../../../lib/graph/passes/withoutIdle.js';
import { chain } from '../../../../lib/language/combinators/index.js';
import { transform } from '../../../../lib/language/transform.js';
import { isComposedInOnnx } from '../../../../lib/onnx/index.js';
import { key, normal } from '../../../../lib/random/index.js';
import * as train from '../../../../lib/train/index.js';
import { linear } from '../../../../modules/index.js';
import { interpret } from '../interpret.js';

type Numbers = Float32Array | Int32Array | Uint8Array;
type Values = Readonly<Record<string, Numbers>>;

interface Batch {
  readonly x: HostArray;
}

const model = transform(chain(linear(8), linear(16), linear(5)));

const loss: train.Loss<Batch> = ({ params }, { x }) =>
  train.weighted(tf.square(model.apply(params, {}, x as tf.Tensor2D)));

const rate = train.cosineDecaySchedule({ initValue: 1e-2, decaySteps: 10 });

const steps = {
  'Adam of clipped gradients, one leaf frozen': train.trainStep(
    loss,
    train.chain(train.clipByGlobalNorm(0.1), train.adam(rate)),
    { freeze: /linear_2\/w/ },
  ),
  'LAMB that spares biases, with an average': train.trainStep(
    loss,
    train.lamb(1e-2, { weightDecay: 0.1, mask: /w$/ }),
    { ema: { decay: 0.9, start: 'zeros' } },
  ),
};

/** A step's graph, its inputs, and what each may keep. */
const subject = (step: train.TrainStep<Batch, never>, x: HostArray) => {
  const params = model.init(key(0), toTensor(normal(key(1), [4, 8])) as tf.Tensor2D);
  const state = step.init({ params }, key(2));
  const graph = traceFunction(step as never, [state, { x }] as never, {
    names: { inputs: ['state', 'batch'], output: 'next' },
    isComposed: isComposedInOnnx,
  });
  const tensors = partsOf([state, { x }], isArray).map((leaf) =>
    (leaf.dtype as string) === 'uint32'
      ? tf.tensor(Int32Array.from((leaf as HostArray).data as Uint32Array), [...leaf.shape], 'int32')
      : isTensor(leaf)
        ? leaf
        : toTensor(leaf),
  );
  const given: Values = Object.fromEntries(graph.inputs.map(({ name }, i) => [name, tensors[i].dataSync()]));
  return { graph, given };
};

const run = (graph: Graph, given: Values): Values => {
  const inputs = Object.fromEntries(
    graph.inputs.map(({ name, shape, dtype }) => [name, tf.tensor(given[name], shape as number[], dtype)]),
  );
  return tf.tidy(() => {
    const found = interpret(graph, inputs, () => tf.scalar(0));
    return Object.fromEntries(graph.outputs.map(({ name }, i) => [name, found[i].dataSync()]));
  });
};

const apart = (whole: Numbers, sizes: readonly number[]): Numbers[] => {
  let end = 0;
  return sizes.map((size) => whole.slice(end, (end += size)));
};

const isNear = (a: ArrayLike<number>, b: ArrayLike<number>): boolean =>
  a.length === b.length && Array.from(a).every((x, i) => Math.abs(Number(x) - Number(b[i])) <= 1e-6);

/** Inputs of the graph by leaves, and its outputs as the whole graph has them. */
const translated = ({ graph, parts }: ReturnType<typeof byLeaves>, given: Values) => {
  const sizes = new Map(
    graph.inputs.map(({ name, shape }) => [name, tf.util.sizeFromShape(shape as number[])]),
  );
  const inputs = Object.entries(given).flatMap(([name, values]) => {
    const names = parts.get(name) ?? [name];
    const all = apart(
      values,
      names.map((each) => sizes.get(each) as number),
    );
    return names.map((each, i) => [each, names.length === 1 ? values : all[i]] as const);
  });
  const whole = (found: Values, name: string): ArrayLike<number> =>
    (parts.get(name) ?? [name]).flatMap((each) => Array.from(found[each]));
  return { inputs: Object.fromEntries(inputs), whole };
};

for (const [name, step] of Object.entries(steps))
  t.test(`${name}: by leaves, with scales merged, the next state and the metrics are the same`, async (t) => {
    await engine();
    const { graph, given } = subject(step as never, normal(key(3), [4, 8]));
    const expected = run(graph, given);
    const result = byLeaves(graph, 100);
    t.ok([...result.parts.values()].some((names) => names.length > 1));
    const { inputs, whole } = translated(result, given);
    for (const changed of [result.graph, mergeScales(withoutIdle(result.graph))]) {
      const found = run(changed, inputs);
      for (const { name: output } of graph.outputs)
        t.ok(isNear(whole(found, output), expected[output]), output);
    }
  });

t.test(
  'a choice between an output and an input is left to a flag; what stays the same is left out',
  async (t) => {
    await engine();
    const [step] = Object.values(steps);
    const good = subject(step as never, normal(key(3), [4, 8]));
    const bad = subject(step as never, float32([4, 8], new Float32Array(32).fill(NaN)));
    for (const { graph, given } of [good, bad]) {
      const result = byLeaves(graph, 100);
      const names = graph.outputs.map(({ name }) => name).filter((name) => name.startsWith('next.state.'));
      const pairs = names.flatMap((name) => {
        const from = name.replace('next.', '');
        const inputs = result.parts.get(from) ?? [from];
        return (result.parts.get(name) ?? [name]).map((output, i) => [output, inputs[i]] as const);
      });
      const { graph: outside, flag, chosen, same } = outsideChoice(withoutIdle(result.graph), new Map(pairs));
      t.same([...same], ['next.state.params.linear_2.w']);
      t.notOk(outside.nodes.some(({ kernel }) => kernel === 'RengaChoose'));
      // All but the key, the leaf that stays the same, and metrics.
      t.equal(chosen.size, pairs.length - 2);
      const { inputs, whole } = translated(result, given);
      const found = run(outside, inputs);
      const isChosen = Boolean(found[flag as string][0]);
      t.equal(isChosen, given === good.given);
      const kept = Object.fromEntries(
        pairs
          .filter(([output]) => same.has(output) || (!isChosen && chosen.has(output)))
          .map(([output, input]) => [output, inputs[input]]),
      );
      const expected = run(graph, given);
      for (const name of names) t.ok(isNear(whole({ ...found, ...kept }, name), expected[name]), name);
    }
  },
);
