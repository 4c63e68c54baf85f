/**
 * The eight tasks of GLUE that the paper has: their classes, and the columns of their files as the benchmark's own archive
 * has them. Lines are fields between tabs; quotes mean nothing in them.
 */
import * as E from 'fp-ts/lib/Either.js';
import { type InputError, inputError } from '../../../lib/data/inputError.js';

/** A text or two, and the answer: the number of a class, or a number. */
export interface GlueExample {
  readonly sentences: readonly string[];
  readonly label: number;
}

/** Places of a line's parts: names of columns, or their numbers where the file has no line of names. */
interface Columns {
  readonly sentences: readonly (string | number)[];
  readonly label: string | number;
}

export interface GlueTask {
  /** The folder in the archive. */
  readonly folder: string;
  /** Words for the classes in the files, in the order of the logits; none where a number is asked for. */
  readonly labels: readonly string[];
  readonly columns: Columns;
  /** Files to evaluate on, by the name of the figure. */
  readonly evaluation: Readonly<Record<string, string>>;
  /** The measure of the paper's tables. */
  readonly metric: 'accuracy' | 'matthews' | 'pearson';
}

const pair = (first: string, second: string, label: string): Columns => ({
  sentences: [first, second],
  label,
});
const isTwo = ['not_entailment', 'entailment'];
const isOne = ['0', '1'];

/** The tasks by name, in the order of the paper's tables. Source: gluebenchmark.com; arXiv:2107.14795, appendix F.3. */
export const glueTasks = {
  cola: {
    folder: 'CoLA',
    labels: isOne,
    columns: { sentences: [3], label: 1 },
    evaluation: { cola: 'dev.tsv' },
    metric: 'matthews',
  },
  mnli: {
    folder: 'MNLI',
    labels: ['contradiction', 'neutral', 'entailment'],
    columns: pair('sentence1', 'sentence2', 'gold_label'),
    evaluation: { mnli: 'dev_matched.tsv', 'mnli-mm': 'dev_mismatched.tsv' },
    metric: 'accuracy',
  },
  mrpc: {
    folder: 'MRPC',
    labels: isOne,
    columns: pair('#1 String', '#2 String', 'Quality'),
    evaluation: { mrpc: 'dev.tsv' },
    metric: 'accuracy',
  },
  qnli: {
    folder: 'QNLI',
    labels: isTwo,
    columns: pair('question', 'sentence', 'label'),
    evaluation: { qnli: 'dev.tsv' },
    metric: 'accuracy',
  },
  qqp: {
    folder: 'QQP',
    labels: isOne,
    columns: pair('question1', 'question2', 'is_duplicate'),
    evaluation: { qqp: 'dev.tsv' },
    metric: 'accuracy',
  },
  rte: {
    folder: 'RTE',
    labels: isTwo,
    columns: pair('sentence1', 'sentence2', 'label'),
    evaluation: { rte: 'dev.tsv' },
    metric: 'accuracy',
  },
  sst2: {
    folder: 'SST-2',
    labels: isOne,
    columns: { sentences: ['sentence'], label: 'label' },
    evaluation: { sst2: 'dev.tsv' },
    metric: 'accuracy',
  },
  stsb: {
    folder: 'STS-B',
    labels: [],
    columns: pair('sentence1', 'sentence2', 'score'),
    evaluation: { stsb: 'dev.tsv' },
    metric: 'pearson',
  },
} as const satisfies Readonly<Record<string, GlueTask>>;
export type GlueTaskName = keyof typeof glueTasks;

export const isGlueTask = (name: string): name is GlueTaskName => Object.hasOwn(glueTasks, name);

/** The task of a name. */
export const glueTask = (name: GlueTaskName): GlueTask => glueTasks[name];

const labelOf = ({ labels }: GlueTask, word: string): number => {
  if (labels.length > 0) return labels.indexOf(word);
  return word.trim() === '' ? NaN : Number(word);
};

/**
 * The examples of a task's file. Lines of MNLI without an agreed answer, `-`, are left out.
 * @param where  the file's name in errors
 */
export const parseGlue = (
  where: string,
  name: GlueTaskName,
  text: string,
): E.Either<InputError, readonly GlueExample[]> => {
  const task = glueTask(name);
  const lines = text.split(/\r?\n/);
  const places = [...task.columns.sentences, task.columns.label];
  const hasNames = places.some((place) => typeof place === 'string');
  const names = hasNames ? (lines[0] ?? '').replace(/^\uFEFF/, '').split('\t') : [];
  const missing = places.find((place) => typeof place === 'string' && !names.includes(place));
  if (missing !== undefined)
    return inputError(`${where}, line 1`, `the columns ${names.join(', ')}`, `a column '${missing}'`);
  const columns = places.map((place) => (typeof place === 'string' ? names.indexOf(place) : place));
  const examples: GlueExample[] = [];
  for (let i = hasNames ? 1 : 0; i < lines.length; i++) {
    if (lines[i] === '') continue;
    const fields = lines[i].split('\t');
    const last = Math.max(...columns);
    if (fields.length <= last)
      return inputError(`${where}, line ${i + 1}`, `${fields.length} fields`, `at least ${last + 1}`);
    const word = fields[columns[columns.length - 1]];
    if (name === 'mnli' && word === '-') continue;
    const label = labelOf(task, word);
    if (!(label >= 0)) {
      const expected = task.labels.length > 0 ? task.labels.join(' or ') : 'a number from 0';
      return inputError(`${where}, line ${i + 1}`, `the answer '${word}'`, expected);
    }
    examples.push({ sentences: columns.slice(0, -1).map((column) => fields[column]), label });
  }
  return examples.length > 0 ? E.right(examples) : inputError(where, 'no example', 'one or more');
};
