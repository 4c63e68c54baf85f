/** A work through the library's compiled models, on host arrays. */
import { float32, type HostArray, sizeOf } from '../../lib/data/array.js';
import type { Weights } from '../../lib/data/leaf.js';
import { compile, type CompileOptions } from '../../lib/run/index.js';
import type { Layer } from '../../lib/language/scope.js';
import type { Prepared } from '../engine.js';
import type { Work } from '../work.js';
import { argumentsOf, outputsOf, presetOf } from './rengaPrograms.js';

export type AnyLayer = Layer<readonly unknown[], unknown>;

const zeros = (shape: readonly number[]): HostArray => float32(shape, new Float32Array(sizeOf(shape)));

/** A work's network with weights and inputs, compiled when it first runs. */
export const compiledWork = (
  { library }: Work,
  network: AnyLayer,
  weights: Weights,
  given: readonly HostArray[],
  options: CompileOptions,
): Prepared => {
  const compiled = compile(network, weights, options);
  const preset = library.kind === 'preset' ? library : undefined;
  const inputs = argumentsOf(preset && presetOf(preset), preset?.points, given, zeros);
  const run = async () =>
    outputsOf(
      (await compiled.onHosts(...(inputs as readonly HostArray[]))) as HostArray | Record<string, HostArray>,
    );
  return {
    run: async () => void (await run()),
    outputs: async () => (await run()).map(({ data }) => data as Float32Array),
  };
};
