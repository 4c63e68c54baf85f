/**
 * A scope for tensors whose result may hold anything: `tf.tidy` asks for containers of tensors only, and walks
 * through every number of a typed array in search of them.
 */
import * as tf from '@tensorflow/tfjs-core';

const isContainer = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  !ArrayBuffer.isView(value) &&
  !(value instanceof ArrayBuffer);

/** The tensors anywhere in arrays and objects; typed arrays are not looked into. */
export const tensorsIn = (value: unknown, seen = new Set<unknown>()): tf.Tensor[] => {
  if (value instanceof tf.Tensor) return [value];
  if (!isContainer(value) || seen.has(value)) return [];
  seen.add(value);
  return Object.values(value).flatMap((each) => tensorsIn(each, seen));
};

/** Runs a program inside of a tidy and keeps every tensor that it made, for the caller to dispose of. */
export const keepingAll = <A>(run: () => A): { readonly result: A; readonly made: readonly tf.Tensor[] } => {
  const engine = tf.engine();
  const { track = [] } = (engine.state.activeScope ?? {}) as { readonly track?: readonly tf.Tensor[] };
  const start = track.length;
  const result = run();
  const made = track.slice(start).filter(({ kept, isDisposed }) => !kept && !isDisposed);
  made.forEach((tensor) => engine.keep(tensor));
  return { result, made };
};

/**
 * Runs a synchronous program and disposes of the tensors that it made, but for those in its result and those that
 * it kept.
 */
export const tidy = <A>(run: () => A): A => {
  const engine = tf.engine();
  engine.startScope();
  let result: A | undefined;
  try {
    return (result = run());
  } finally {
    engine.endScope(tensorsIn(result));
  }
};
