/**
 * A model at a glance: for each module its shapes, parameters and cost, and the whole model's, with the memory that its
 * forward pass needs.
 */
import { sizeOf } from '../data/array.js';
import { groupBy, sum } from '../data/lists.js';
import type { SpecOf } from '../data/nest.js';
import { expectInputs } from '../language/outline.js';
import type { Layer } from '../language/scope.js';
import { flopsOf } from './flops.js';
import type { PeakBytes } from './liveBytes.js';
import { moduleOf, outerFirst } from './paths.js';
import type { Call, Trace, Weight } from './graph.js';
import type { Size } from './size.js';
import { traceAsIs } from './trace.js';

/** One module. */
export interface ModuleSummary {
  /** Its path, as in the parameter tree; `~` for what is outside of any. */
  readonly path: string;
  readonly config: unknown;
  /** The number of calls. */
  readonly calls: number;
  /** Shapes of the tensors that its first call took and gave. */
  readonly inputs: readonly (readonly number[])[];
  readonly outputs: readonly (readonly number[])[];
  /** Its own, without those of modules in it. */
  readonly parameters: number;
  readonly flops: number;
  /** The size of its parameters in float32. */
  readonly bytes: number;
}

export interface Memory {
  /** Parameters and state, in float32. */
  readonly weights: number;
  /** Most bytes of intermediate tensors at once, attention holding a tile of its scores at a time, as here it does. */
  readonly activations: number;
  /** The same if attention held all its scores, and their softmax. */
  readonly activationsUntiled: number;
}

export interface Summary {
  /** Outer modules before those in them, in the order in which they are called. */
  readonly modules: readonly ModuleSummary[];
  readonly parameters: number;
  /** Products and convolutions alone, multiplications and additions counted apart. */
  readonly flops: number;
  readonly bytes: Memory;
}

const bytesPerNumber = 4;

const elements = ({ shape }: Weight): number => sizeOf(shape as number[]);

const known = (shapes: readonly (readonly Size[])[]) => shapes as readonly (readonly number[])[];

const summarize = ({ calls, nodes, weights }: Trace): Omit<Summary, 'bytes'> => {
  const params = weights.filter(({ kind }) => kind === 'param');
  const ownParams = groupBy(params, ({ path }) => moduleOf(path));
  const ownNodes = groupBy(nodes, ({ path }) => path);
  const ownCalls = groupBy(calls, ({ path }) => path);
  const paths = new Set([...ownCalls.keys(), ...ownParams.keys(), ...ownNodes.keys()]);
  const modules = outerFirst(paths).map((path): ModuleSummary => {
    const all: readonly Call[] = ownCalls.get(path) ?? [];
    const first = all.find(({ method }) => method === 'call') ?? all[0];
    const parameters = sum(ownParams.get(path) ?? [], elements);
    return {
      path,
      config: first?.config ?? {},
      calls: all.filter(({ method }) => method === first.method).length,
      inputs: known(first?.inputs ?? []),
      outputs: known(first?.outputs ?? []),
      parameters,
      flops: sum(ownNodes.get(path) ?? [], flopsOf),
      bytes: bytesPerNumber * parameters,
    };
  });
  return { modules, parameters: sum(params, elements), flops: sum(nodes, flopsOf) };
};

/** The summary of what was traced. */
export const summarizeTrace = ({
  trace,
  peakBytes,
}: {
  readonly trace: Trace;
  readonly peakBytes: PeakBytes;
}): Summary => {
  const bytes = {
    weights: bytesPerNumber * sum(trace.weights, elements),
    activations: peakBytes.tiled,
    activationsUntiled: peakBytes.untiled,
  };
  return { ...summarize(trace), bytes };
};

/**
 * Summarises a layer, as it is in evaluation; nothing is computed.
 * @param inputs  as for `outline`: tensors, or `{ shape, dtype }` in their places
 * @throws what `trace` throws
 * @example summary(linear(3), [{ shape: [2, 6] }]).flops // 72
 */
export const summary = <A extends readonly unknown[], B>(layer: Layer<A, B>, inputs: SpecOf<A>): Summary => {
  expectInputs('summary', layer, inputs);
  return summarizeTrace(
    traceAsIs(layer as unknown as Layer<readonly unknown[], unknown>, inputs as readonly unknown[]),
  );
};
