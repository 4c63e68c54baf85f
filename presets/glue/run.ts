/**
 * A text or two to the answer of a task.
 */
import * as E from 'fp-ts/lib/Either.js';
import { float32, type HostArray, int32 } from '../../lib/data/array.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';
import { bytesTokenizer, specialTokens } from '../../modules/bytesTokenizer.js';
import { softmax } from '../classes.js';
import type { ModelOf, Run } from '../preset.js';
import type { GlueConfig, GlueNetwork } from './network.js';
import { glueTask, isGlueTask } from './run/tasks.js';

/** A task's name and its one or two sentences. */
export interface GlueQuestion {
  readonly task: string;
  readonly sentences: readonly string[];
}

/** The answer to a question. */
export interface GlueAnswer {
  /** The word of the likeliest class; undefined for a task that asks for a number. */
  readonly label?: string;
  /** The number that the task asks for, or the number of the likeliest class. */
  readonly value: number;
  /** Probabilities of the classes; empty for a task that asks for a number. */
  readonly probabilities: readonly number[];
}

type GlueModel = ModelOf<GlueConfig, GlueNetwork, GlueQuestion, GlueAnswer>;

/**
 * Ids of a question and their mask, padded to the model's length: the token of the class or of the task, if there is one,
 * then the sentences with a separator between them. What is too long is cut off at the end.
 */
export const glueInput = (
  { vocabSize, maxLength, tasks, conditioning }: GlueConfig,
  { task, sentences }: GlueQuestion,
): [ids: HostArray<'int32'>, mask: HostArray<'float32'>] => {
  const own = vocabSize + tasks.findIndex(({ name }) => name === task);
  const first = { queries: [], sharedToken: [specialTokens.cls], taskTokens: [own] }[conditioning];
  const text = sentences.flatMap((sentence, i) => [
    ...(i ? [specialTokens.sep] : []),
    ...bytesTokenizer.encode(sentence),
  ]);
  const ids = new Int32Array(maxLength).fill(specialTokens.pad);
  const given = [...first, ...text].slice(0, maxLength);
  ids.set(given);
  const mask = Float32Array.from({ length: maxLength }, (_, i) => (i < given.length ? 1 : 0));
  return [int32([maxLength], ids), float32([maxLength], mask)];
};

const check = ({ tasks }: GlueConfig, { task, sentences }: GlueQuestion): E.Either<InputError, void> => {
  const names = tasks.map(({ name }) => name);
  if (!names.includes(task)) return inputError('the task', `'${task}'`, names.join(' or '));
  const expected = isGlueTask(task) ? glueTask(task).columns.sentences.length : sentences.length;
  return sentences.length === expected && expected > 0
    ? E.right(undefined)
    : inputError('the sentences', `${sentences.length}`, `${expected || 'one or more'} for ${task}`);
};

/** The answer of logits. */
const answer = (task: string, logits: Float32Array): GlueAnswer => {
  if (logits.length === 1) return { value: logits[0], probabilities: [] };
  const probabilities = Array.from(softmax(logits));
  const value = probabilities.indexOf(Math.max(...probabilities));
  return { label: isGlueTask(task) ? glueTask(task).labels[value] : undefined, value, probabilities };
};

/** A question to its answer. */
export const answerGlue =
  ({ config, network }: GlueModel): Run<GlueQuestion, GlueAnswer> =>
  (runner, question) =>
  async () => {
    const checked = check(config, question);
    if (E.isLeft(checked)) return checked;
    const [ids, mask] = glueInput(config, question).map((array) => ({
      ...array,
      shape: [1, ...array.shape],
    }));
    const logits = await runner.run(network, [ids, mask]);
    return E.right(answer(question.task, logits[question.task].data as Float32Array));
  };
