/**
 * Recordings: a reading that remembers its answers, so that a part of a program can be run again with other tensors for
 * its parameters and state, and the same random keys. State is not set, and observers and watchers see nothing.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LazyKey } from '../random/index.js';
import { answering, keeper, type RawParam, rawParamOf, type Reading } from './reading.js';

export interface Recording {
  /** Answers as the recorded reading does, and remembers. */
  readonly reading: Reading;
  /** Parameters and state that were asked for, in this order. */
  readonly tensors: () => readonly Tensor[];
  /** Answers the same questions again, with these tensors in the places of those that were asked for. */
  readonly replay: (tensors: readonly Tensor[]) => {
    readonly reading: Reading;
    readonly release: () => void;
  };
}

/** Gives answers one after the other, in the order in which they were given first. */
const inOrder = <A>(answers: readonly A[]): (() => A) => {
  let next = 0;
  return () => {
    if (next >= answers.length) throw new Error('a layer asked for more when it was run again');
    return answers[next++];
  };
};

/** Records a reading. */
export const record = (reading: Reading): Recording => {
  const params = new Map<string, RawParam>();
  const states: Tensor[] = [];
  const keys: LazyKey[] = [];
  const several: (readonly LazyKey[])[] = [];
  const { nextKeys } = reading;
  const remember = <A>(answers: A[], answer: A): A => (answers.push(answer), answer);
  const rawParam: NonNullable<Reading['rawParam']> = (path, name, ...rest) => {
    const answer = rawParamOf(reading, path, name, ...rest);
    params.set(`${path}/${name}`, answer);
    return answer;
  };
  return {
    reading: {
      ...reading,
      nextKey: (where) => remember(keys, reading.nextKey(where)),
      ...(nextKeys && { nextKeys: (...question) => remember(several, nextKeys(...question)) }),
      getState: (...question) => remember(states, reading.getState(...question)),
      ...answering(rawParam),
    },
    tensors: () => [...[...params.values()].map(({ raw }) => raw), ...states],
    replay: (tensors) => {
      const byName = new Map(
        [...params].map(([name, { read }], i) => [name, { raw: tensors[i], read }] as const),
      );
      const { keep, release } = keeper();
      const { isTraining, intercept, changeParam } = reading;
      return {
        release,
        reading: {
          isTraining,
          intercept,
          changeParam,
          keep,
          nextKey: inOrder(keys),
          ...(nextKeys && { nextKeys: inOrder(several) }),
          getState: inOrder(tensors.slice(params.size)),
          setState: () => undefined,
          ...answering((path, name) => byName.get(`${path}/${name}`) as RawParam),
        },
      };
    },
  };
};
