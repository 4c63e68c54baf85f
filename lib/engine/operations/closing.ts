/**
 * Closures over tensors: the tensors that a program takes from outside, and running it with others in their places.
 */
import * as tf from '@tensorflow/tfjs-core';

/** The inputs of a kernel, by name or in a list. */
type Inputs = Readonly<Record<string, tf.Tensor | undefined>> | readonly (tf.Tensor | undefined)[];

/** tfjs's engine beyond its published type. */
interface Engine {
  nextTensorId(): number;
  runKernelFunc(call: { readonly inputs: Inputs }): tf.Tensor | tf.Tensor[];
}

const engineOf = (): Engine => tf.engine() as unknown as Engine;

/** Runs a program whose kernels get their inputs through a function. */
const through = <A>(change: (input: tf.Tensor) => tf.Tensor, run: () => A): A => {
  const engine = engineOf();
  const own = Object.getOwnPropertyDescriptor(engine, 'runKernelFunc');
  const before = engine.runKernelFunc;
  const changed = (input: tf.Tensor | undefined) => input && change(input);
  engine.runKernelFunc = (call) => {
    const { inputs } = call;
    const given = Array.isArray(inputs)
      ? inputs.map(changed)
      : Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, changed(input)]));
    return before.call(engine, { ...call, inputs: given });
  };
  try {
    return run();
  } finally {
    if (own) engine.runKernelFunc = before;
    else delete (engine as Partial<Engine>).runKernelFunc;
  }
};

/** Runs a program, and gives the tensors that it used and that are older than its run. */
export const closing = <A>(run: () => A): { readonly output: A; readonly used: readonly tf.Tensor[] } => {
  const start = engineOf().nextTensorId();
  const used = new Map<number, tf.Tensor>();
  const output = through((input) => {
    if (input.id < start) used.set(input.id, input);
    return input;
  }, run);
  return { output, used: [...used.values()] };
};

/** Runs a program whose kernels get other tensors in the places of some. */
export const replacing = <A>(
  tensors: readonly tf.Tensor[],
  others: readonly tf.Tensor[],
  run: () => A,
): A => {
  const byId = new Map(tensors.map(({ id }, i) => [id, others[i]]));
  return through((input) => byId.get(input.id) ?? input, run);
};
