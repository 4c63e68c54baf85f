/**
 * Weights that onnxruntime computes with, for every model's `run`.
 */
import type { Compute } from '../lib/run/hosts.js';
import { compile, type Compiled, type CompileOptions } from '../lib/run/compile.js';
import type { Layer } from '../lib/language/scope.js';
import type { Weights } from './preset.js';

/** Weights whose model is compiled. */
export interface CompiledWeights extends Weights, AsyncDisposable {
  readonly compute: Compute;
  /** Gives back what onnxruntime holds. */
  readonly dispose: () => Promise<void>;
}

/**
 * The same weights, with which onnxruntime computes and no engine has to run.
 * @example
 * await using compiled = compiledWeights(weights);
 * await model.run(compiled, picture)();
 */
export const compiledWeights = (weights: Weights, options: CompileOptions = {}): CompiledWeights => {
  type AnyLayer = Layer<readonly unknown[], unknown>;
  const layers = new Map<AnyLayer, Compiled<readonly unknown[], unknown>>();
  const compiledOf = (layer: AnyLayer) => {
    const known = layers.get(layer) ?? compile(layer, weights, options);
    layers.set(layer, known);
    return known;
  };
  const dispose = async (): Promise<void> => {
    await Promise.all([...layers.values()].map((each) => each.dispose()));
    layers.clear();
  };
  return {
    ...weights,
    compute: ((layer: AnyLayer, inputs: readonly never[]) =>
      compiledOf(layer).onHosts(...inputs)) as unknown as Compute,
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
};
