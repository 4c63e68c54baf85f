/**
 * Training on tasks of GLUE, one or several at once: cross-entropy for classes, half the squared error for numbers; each
 * example trains the head of its own task. Figures are those of the benchmark, and their average.
 */
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, int32 } from '../../../lib/data/array.js';
import type { Weights } from '../../../lib/data/leaf.js';
import type { TransformedWithState } from '../../../lib/language/transform.js';
import type { Key } from '../../../lib/random/index.js';
import { type Batched, batches, type Examples, inOrder } from '../../../lib/train/data.js';
import { evaluation } from '../../../lib/train/evaluation.js';
import { l2Loss, softmaxCrossEntropyWithIntegerLabels, weighted } from '../../../lib/train/losses.js';
import {
  type Figure,
  likeliest,
  matthews,
  pearson,
  topKAccuracy,
  type Weighting,
} from '../../../lib/train/metrics.js';
import { type RecipeRun, recipeRun, type RecipeTraining } from '../../../lib/train/recipeRun.js';
import type { Loss } from '../../../lib/train/trainStep.js';
import type { GlueConfig } from '../network.js';
import { glueInput } from '../run.js';
import { type GlueExample, glueTask, type GlueTaskName } from '../run/tasks.js';

/** Examples of a task. */
export interface GlueSet {
  readonly task: GlueTaskName;
  readonly examples: readonly GlueExample[];
}

/** An example as the network takes it: ids and mask [T], its answer [], the number of its set []. */
export interface EncodedExample {
  readonly ids: HostArray;
  readonly mask: HostArray;
  readonly label: HostArray;
  readonly set: HostArray;
}

/** A model of GLUE of any size. */
export interface TrainableGlue {
  readonly config: GlueConfig;
  readonly init: (key: Key) => Required<Weights<HostArray>>;
  readonly apply: TransformedWithState<
    [ids: tf.Tensor, mask: tf.Tensor],
    Readonly<Record<string, tf.Tensor>>
  >['apply'];
}

export interface GlueTraining extends RecipeTraining<TrainableGlue> {
  readonly training: readonly GlueSet[];
  /** Sets that no weights are trained on, by the name of their figure. */
  readonly heldOut: Readonly<Record<string, GlueSet>>;
}

/** The examples of several sets in a row. */
export const encoded = (config: GlueConfig, sets: readonly GlueSet[]): Examples<EncodedExample> => {
  const all = sets.flatMap(({ task, examples }, set) =>
    examples.map((example) => ({ ...example, task, set })),
  );
  return {
    length: all.length,
    at: (index) => {
      const { set, label, ...question } = all[index];
      const [ids, mask] = glueInput(config, question);
      return { ids, mask, label: float32([], [label]), set: int32([], [set]) };
    },
  };
};

/** The losses of a task's head, [B]. */
const lossesOf = (logits: tf.Tensor, label: tf.Tensor): tf.Tensor =>
  logits.shape[1] === 1
    ? l2Loss(tf.squeeze(logits, [1]), label)
    : softmaxCrossEntropyWithIntegerLabels(
        logits,
        tf.cast(tf.minimum(label, (logits.shape[1] as number) - 1), 'int32'), // those of other tasks weigh nothing
      );

/** The mean of the examples' losses, each by the head of its own task. */
export const glueLoss = (
  logits: Readonly<Record<string, tf.Tensor>>,
  batch: { readonly label: tf.Tensor; readonly set: tf.Tensor },
  tasks: readonly string[],
) => {
  const own = tasks.map((task, set) =>
    tf.mul(lossesOf(logits[task], batch.label), tf.cast(tf.equal(batch.set, set), 'float32')),
  );
  return weighted(tf.addN(own as tf.Tensor[]));
};

/** The figure of a set. */
const figureOf = (task: GlueTaskName, logits: HostArray, label: HostArray, by: Weighting): Figure => {
  const [rows] = logits.shape;
  const { metric } = glueTask(task);
  if (metric === 'pearson') return pearson({ ...logits, shape: [rows] }, label, by);
  const classes = int32([rows], Array.from(label.data, Number));
  if (metric === 'accuracy') return topKAccuracy(logits, classes, by);
  return matthews(likeliest(logits, by), classes, by);
};

/** The average of GLUE: the two sets of MNLI are averaged first. Source: arXiv:2107.14795, appendix F.3. */
export const glueAverage = (figures: Readonly<Record<string, number>>): number => {
  const { mnli, 'mnli-mm': other, ...rest } = figures;
  const both = [mnli, other].filter((figure) => figure !== undefined);
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  return mean([...Object.values(rest), ...(both.length ? [mean(both)] : [])]);
};

/** The parts of a training that the loop takes; the best weights are those of the highest average. */
export const glueTraining = ({
  model,
  recipe,
  training,
  heldOut,
  seed,
  weights,
  tuning,
}: GlueTraining): RecipeRun<Batched<EncodedExample>> => {
  const { config } = model;
  const tasks = training.map(({ task }) => task);
  const loss: Loss<Batched<EncodedExample>> = ({ params, state }, batch, options) => {
    const { output } = model.apply(params, state, options, batch.ids, batch.mask);
    return glueLoss(output, batch, tasks);
  };
  const evaluations = Object.entries(heldOut).map(([name, set]) => {
    return evaluation({
      data: inOrder(encoded(config, [set]), recipe.batchSize),
      run: ({ params, state }, { ids, mask }, options) =>
        model.apply(params, state, options, ids, mask).output[set.task],
      figures: (logits, { label }, by) => ({ [name]: figureOf(set.task, logits, label, by) }),
    });
  });
  return recipeRun({
    model,
    recipe,
    loss,
    data: batches(encoded(config, training), { batchSize: recipe.batchSize }),
    weights,
    tuning,
    seed,
    evaluate: async (now, options) => {
      const figures: Record<string, number> = {};
      for (const evaluate of evaluations) Object.assign(figures, await evaluate(now, options));
      return { ...figures, average: glueAverage(figures) };
    },
    best: { figure: 'average', isLower: false },
  });
};
