/**
 * A reading that remembers its answers, so that a layer can be run again on them: with other tensors for parameters and
 * state, the same random keys, and without a trace.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LazyKey } from '../random/index.js';
import type { Reading } from './reading.js';

export interface Recording {
  /** Answers as the reading that it was made of, and remembers. */
  readonly reading: Reading;
  /** Parameters and state that were asked for, in this order. */
  readonly tensors: () => readonly Tensor[];
  /** Answers the same questions again, with these tensors for those. */
  readonly replay: (tensors: readonly Tensor[]) => Reading;
}

/** Answers one after the other, as they were given. */
const inOrder = <A>(answers: readonly A[]): (() => A) => {
  let next = 0;
  return () => {
    if (next >= answers.length) throw new Error('a layer asked for more when it was run again');
    return answers[next++];
  };
};

/** Records a reading. */
export const record = (reading: Reading): Recording => {
  const params = new Map<string, Tensor>();
  const states: Tensor[] = [];
  const keys: LazyKey[] = [];
  const remember = <A>(answers: A[], answer: A): A => (answers.push(answer), answer);
  return {
    reading: {
      ...reading,
      nextKey: (where) => remember(keys, reading.nextKey(where)),
      getState: (...question) => remember(states, reading.getState(...question)),
      param: (path, name, ...rest) => {
        const answer = reading.param(path, name, ...rest);
        params.set(`${path}/${name}`, answer);
        return answer;
      },
    },
    tensors: () => [...params.values(), ...states],
    replay: (tensors) => {
      const byName = new Map([...params.keys()].map((name, i) => [name, tensors[i]]));
      return {
        isTraining: reading.isTraining,
        nextKey: inOrder(keys),
        getState: inOrder(tensors.slice(params.size)),
        setState: () => undefined,
        param: (path, name) => byName.get(`${path}/${name}`) as Tensor,
      };
    },
  };
};
