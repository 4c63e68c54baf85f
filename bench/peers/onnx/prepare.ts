/**
 * A work as a session of onnxruntime, whichever of its packages it is handed.
 */
import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-common';
import type { Prepared } from '../../engine.js';
import { inputValues } from '../../inputs.js';
import type { InputSpec, Work } from '../../work.js';
import { graphOf } from './ops.js';
import { encode, type Value } from './proto.js';

interface Runtime {
  readonly InferenceSession: {
    create(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
  };
  readonly Tensor: TensorConstructor;
}

const valueOf = ({ name, shape, kind }: InputSpec): Value => ({
  name,
  shape,
  type: kind === 'ids' ? 'int32' : 'float32',
});

const disposeAll = (outputs: Readonly<Record<string, Tensor>>): void =>
  Object.values(outputs).forEach((tensor) => tensor.dispose?.());

/** @throws Error where the runtime refuses the graph, or the work is none that it could do */
export const prepare = async (
  { InferenceSession, Tensor }: Runtime,
  { group, program, inputs }: Work,
  options: InferenceSession.SessionOptions,
): Promise<Prepared> => {
  if (group === 'initialisation') throw new Error('onnxruntime does not draw these numbers');
  if (group === 'training') throw new Error('onnxruntime does not train here');
  const graph = graphOf(program, inputs.map(valueOf));
  const externalData = graph.initializers
    .filter(({ isExternal }) => isExternal)
    .map(({ name, data }) => ({ path: name, data }));
  const session = await InferenceSession.create(encode(graph), {
    graphOptimizationLevel: 'all',
    ...options,
    ...(externalData.length ? { externalData } : {}),
  });
  const feeds = Object.fromEntries(
    inputs.map((input) => {
      const { name, shape, type } = valueOf(input);
      return [name, new Tensor(type as 'float32', inputValues(input) as Float32Array, shape)];
    }),
  );
  return {
    run: async () => disposeAll(await session.run(feeds)),
    outputs: async () => {
      const found = await session.run(feeds);
      const values = graph.outputs.map(({ name }) => Float32Array.from(found[name].data as Float32Array));
      disposeAll(found);
      return values;
    },
  };
};
