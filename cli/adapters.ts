/** Checkpoints of runs with low-rank adapters, which nothing but the run itself computes with. */
import { isAdapter } from '../lib/data/adapters.js';
import { paths, type Tree } from '../lib/data/tree.js';
import { Failure } from './failure.js';

/** The message about a checkpoint that holds adapters apart from the matrices; undefined for any other. */
export const showAdapters = (location: string, params: Tree<unknown>): string | undefined =>
  paths(params).some(isAdapter)
    ? `${location} holds low-rank adapters, as a run goes on from it by --resume; weights.safetensors and best.safetensors of the run have them merged into the matrices: give one of these`
    : undefined;

/** @throws Failure for a checkpoint that holds adapters apart from the matrices */
export const expectMerged = (location: string, params: Tree<unknown>): void => {
  const problem = showAdapters(location, params);
  if (problem !== undefined) throw new Failure(problem);
};
