/**
 * The tasks of GLUE, from the folders of the benchmark's own archive: `CoLA/dev.tsv`, `MNLI/dev_matched.tsv` and so on; as
 * many of them as are there.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { array, float32, type HostArray, int32 } from '../../lib/data/array.js';
import { type InputError, showInputError } from '../../lib/data/inputError.js';
import { matthews, pearson } from '../../lib/train/metrics.js';
import { paper } from '../../presets/about/sources.js';
import { glueInput } from '../../presets/glue/run.js';
import { glueTask, glueTasks, isGlueTask, parseGlue } from '../../presets/glue/run/tasks.js';
import { Failure, orFail } from '../failure.js';
import type { ModelNamed } from '../load.js';
import { type EvaluatedFigure, type Evaluation, meanOf, type Named, type Row } from './evaluation.js';

interface Question extends Named {
  readonly part: string;
  readonly task: string;
  readonly sentences: readonly string[];
  readonly label: number;
}

/** Figures of one query for each task, trained together. */
const published: Readonly<Record<string, string>> = {
  cola: '47.88',
  mnli: '82.05 %',
  'mnli-mm': '82.77 %',
  mrpc: '90.36 %',
  qnli: '90.37 %',
  qqp: '89.49 %',
  rte: '80.08 %',
  sst2: '93.75 %',
  stsb: '79.95',
  average: '81.79',
};

const questionsOf = (folder: string, known: readonly string[]): readonly Question[] => {
  const files = known.filter(isGlueTask).flatMap((task) => {
    const { folder: own, evaluation } = glueTask(task);
    return Object.entries(evaluation).map(([part, file]) => ({ task, part, path: join(folder, own, file) }));
  });
  const present = files.filter(({ path }) => existsSync(path));
  if (present.length === 0)
    throw new Failure(
      `${folder}: found no task, expected files of GLUE's archive: ${files.map(({ path }) => path.slice(folder.length + 1)).join(', ')}`,
    );
  return present.flatMap(({ task, part, path }) =>
    orFail(showInputError)(parseGlue(path, task, readFileSync(path, 'utf8'))).map((example, i) => ({
      ...example,
      name: `${part} ${i}`,
      ...{ part, task },
    })),
  );
};

/** Batches of one shape: arrays with one more axis in front. */
const stacked = (arrays: readonly HostArray[]): HostArray => {
  const [{ shape, dtype }] = arrays;
  const flat = arrays.flatMap(({ data }) => Array.from(data as Float32Array));
  return dtype === 'int32'
    ? int32([arrays.length, ...shape], flat)
    : float32([arrays.length, ...shape], flat);
};

const column = (rows: readonly Row[], name: 'found' | 'label', dtype: 'int32' | 'float32'): HostArray => {
  const values = rows.map((row) => row[name] as number);
  const data = dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values);
  return array([rows.length], dtype, data as never);
};

/** The figure of a task's part, times 100. */
const figureOf = (part: string, task: string, rows: readonly Row[]): EvaluatedFigure => {
  const { metric, folder } = glueTask(task as keyof typeof glueTasks);
  const name = part === 'mnli-mm' ? 'MNLI mismatched' : folder;
  const beside = { published: published[part], source: paper('table 14') };
  if (metric === 'accuracy') {
    const value = 100 * meanOf(rows, ({ found, label }) => Number(found === label));
    return { what: `${name}, accuracy`, value, unit: '%', ...beside };
  }
  if (metric === 'matthews') {
    const { value } = matthews(column(rows, 'found', 'int32'), column(rows, 'label', 'int32'));
    return { what: `${name}, Matthews correlation`, value: 100 * value, unit: '', ...beside };
  }
  const { value } = pearson(column(rows, 'found', 'float32'), column(rows, 'label', 'float32'));
  return { what: `${name}, Pearson correlation`, value: 100 * value, unit: '', ...beside };
};

/** Figures of all parts, and their average where every task is there; MNLI counts once. */
const figuresOf = (rows: readonly Row[]): readonly EvaluatedFigure[] => {
  const parts = [...new Set(rows.map(({ part }) => part as string))];
  const byPart = new Map(
    parts.map((part) => {
      const own = rows.filter((row) => row.part === part);
      return [part, figureOf(part, own[0].task as string, own)] as const;
    }),
  );
  const figures = [...byPart.values()];
  if (parts.length < 9) return figures;
  const tasks = [...byPart].filter(([part]) => part !== 'mnli-mm');
  const mnli = ['mnli', 'mnli-mm'].reduce((sum, part) => sum + byPart.get(part)!.value / 2, 0);
  const sum = tasks.reduce((total, [part, { value }]) => total + (part === 'mnli' ? mnli : value), 0);
  const average = { published: published.average, source: paper('table 14') };
  return [...figures, { what: 'average of the tasks', value: sum / tasks.length, unit: '', ...average }];
};

/** A model's answers to the questions of GLUE's development sets. */
export const sentenceEvaluation = (model: ModelNamed<'glue'>, folder: string): Evaluation<Question> => ({
  dataset: 'GLUE, development sets',
  called: 'questions',
  examples: questionsOf(
    folder,
    model.config.tasks.map(({ name }) => name),
  ),
  judge: async (runner, batch) => {
    const inputs = batch.map((question) => glueInput(model.config, question));
    const logits = await runner.run(model.network, [
      stacked(inputs.map(([ids]) => ids)),
      stacked(inputs.map(([, mask]) => mask)),
    ]);
    return batch.map(({ part, task, label }, b) => {
      const { shape, data } = logits[task];
      const own = (data as Float32Array).subarray(b * shape[1], (b + 1) * shape[1]);
      const found = shape[1] === 1 ? own[0] : own.indexOf(Math.max(...own));
      return E.right<InputError, Row>({ part, task, label, found });
    });
  },
  figures: figuresOf,
});
