/**
 * The program of a compiled training step: its graph with large leaves taken apart and choices left to whoever runs it, in a
 * session of onnxruntime.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { nameInBatch } from '../data/examples.js';
import type { Leaf } from '../data/leaf.js';
import { mapNest } from '../data/nest.js';
import type { IsComposed } from '../engine/index.js';
import type { Graph, Input, Output } from '../graph/graph.js';
import { byLeaves } from '../graph/passes/byLeaves.js';
import { foldConstants } from '../graph/passes/foldConstants.js';
import { mergeScales } from '../graph/passes/mergeScales.js';
import { type OutsideChoice, outsideChoice } from '../graph/passes/outsideChoice.js';
import { withoutIdle } from '../graph/passes/withoutIdle.js';
import { isKey, traceFunction } from '../graph/traceFunction.js';
import { graphToOnnx } from '../onnx/exportOnnx.js';
import { isComposedInOnnx } from '../onnx/operators/index.js';
import { partPaths } from './checkInputs.js';
import { sessionOf } from './compile.js';
import type { CompileOptions } from './compileOptions.js';
import { type LookUp, lookUpsOf } from './lookups.js';
import { adapterOf, type OnnxRuntime, type RuntimeSession, type RuntimeTensor } from './onnxruntime.js';
import { isPart, isWords, keyOf, type Part, typeOf } from './runtimeState.js';
import { checkResult } from './stepResult.js';

/** A training step: from a state and a batch to the next state and scalars, as `trainStep` makes them. */
export type Step<S, B> = (
  state: S,
  batch: B,
) => { readonly state: S; readonly metrics: Readonly<Record<string, tf.Tensor>> };

/** Arrays and random keys with the paths that lead to them. */
export const leavesOf = (nest: unknown): (readonly [path: string, leaf: Part])[] => {
  const found: (readonly [string, Part])[] = [];
  mapNest(nest, isPart, (leaf, path) => void found.push([keyOf(path), leaf]));
  return found;
};

/** A step for batches of certain shapes. */
export interface StepProgram extends Omit<OutsideChoice<Graph>, 'graph'> {
  /** The inputs that each leaf of state and batch is, in their order: one, but for packed leaves. */
  readonly inputs: readonly (readonly Input[])[];
  /** By the path of each leaf of the state, the names of its outputs, as many as it has inputs. */
  readonly outputs: ReadonlyMap<string, readonly string[]>;
  /** The outputs of the state's arrays that the session gives. */
  readonly written: readonly Output[];
  /** The outputs of metrics, by name. */
  readonly metrics: Readonly<Record<string, string>>;
  /** The look-ups whose ids come from the batch. */
  readonly lookUps: readonly LookUp[];
  /** The arrays of the batch as errors name them. */
  readonly batchNames: ReadonlyMap<Input, string>;
  readonly session: RuntimeSession;
  /** Arrays of states in a graphics processor's memory, which end with the session. */
  readonly lent: Set<RuntimeTensor>;
}

const isName = (part: unknown): part is string => typeof part === 'string';

/** The option of a session that leaves the state's floats on the graphics processor; step and key are a few integers. */
const onDevice = (written: readonly Output[]): object => {
  const floats = written.filter(({ value }) => value.dtype === 'float32' && !value.shape.includes(0));
  return { preferredOutputLocation: Object.fromEntries(floats.map(({ name }) => [name, 'gpu-buffer'])) };
};

/** Tells keys, and the words of one as train states hold them. */
const isKeyOrWords = (part: Part): boolean =>
  isKey(part) || (isWords(part) && part.shape.length === 1 && part.shape[0] === 2);

/** The same nest with shapes in the places of arrays, of the types that arrays have in the graph; words of keys stay. */
const specsOf = (nest: unknown): unknown =>
  mapNest(nest, isPart, (part) =>
    isKeyOrWords(part) ? part : { shape: (part as Leaf).shape, dtype: typeOf(part) },
  );

/** Scores of attention that are kept for the gradient, at most, in one layer: 16 M of them are 64 MB. */
const mostScores = 2 ** 24;

/**
 * Kernels written as operations, so that the gradient shares with the forward pass what it would compute again: GELU's curve,
 * and the weights of attention unless they are many.
 */
const isComposedInStep: IsComposed = (kernel, inputs) => {
  if (kernel === 'RengaGelu') return true;
  if (kernel !== 'RengaAttention') return isComposedInOnnx(kernel);
  const [[B, T, H], [, S]] = inputs.map(({ shape }) => shape);
  return B * T * H * S <= mostScores;
};

const trace = <S, B>(step: Step<S, B>, state: S, batch: B) => {
  const specs = [specsOf(state), specsOf(batch)];
  const traced = traceFunction(step as (...args: readonly unknown[]) => unknown, specs as never, {
    names: { inputs: ['state', 'batch'], output: 'next' },
    isComposed: isComposedInStep,
  });
  checkResult(traced, state);
  const { graph, parts } = byLeaves(traced);
  const known = new Map(graph.inputs.map((input) => [input.name, input]));
  const partsOf = (name: string): readonly string[] => parts.get(name) ?? [name];
  const { state: names, metrics } = traced.result as { state: unknown; metrics: Record<string, string> };
  const outputs = new Map<string, readonly string[]>();
  mapNest(names, isName, (name, path) => void outputs.set(keyOf(path), partsOf(name)));
  return {
    graph: foldConstants(mergeScales(withoutIdle(graph))),
    inputs: traced.inputs.map(({ name }) => partsOf(name).map((part) => known.get(part) as Input)),
    outputs,
    metrics,
  };
};

/** Traces a step and makes its session. */
export const stepProgram = async <S, B>(
  step: Step<S, B>,
  state: S,
  batch: B,
  runtime: OnnxRuntime,
  options: CompileOptions,
): Promise<StepProgram> => {
  const { graph: traced, inputs, outputs, metrics } = trace(step, state, batch);
  const pairs = leavesOf(state).flatMap(([path], i) =>
    (outputs.get(path) ?? []).map((name, part) => [name, inputs[i][part].name] as const),
  );
  const isOnGpu = (await adapterOf(runtime, options.providers)) !== undefined;
  // Arrays that stay the same are given back by a graphics processor once, to be there from then on.
  const { graph, ...choice } = outsideChoice(traced, new Map(pairs), { keepSame: isOnGpu });
  const ofState = new Set([...outputs.values()].flat());
  const written = graph.outputs.filter(({ name }) => ofState.has(name));
  const ofBatch = inputs.slice(leavesOf(state).length).flat();
  const names = partPaths(batch).map(nameInBatch);
  const batchNames = new Map(ofBatch.map((input, i) => [input, names[i]]));
  const lookUps = lookUpsOf(graph, (input) => batchNames.has(input));
  const model = graphToOnnx(graph);
  const make = (session?: object) =>
    sessionOf(model, runtime, { ...options, session: { ...session, ...options.session } });
  // A module of onnxruntime without WebGPU refuses places on it.
  const session = await (isOnGpu ? make(onDevice(written)).catch(() => make()) : make());
  return { ...choice, inputs, outputs, written, metrics, lookUps, batchNames, session, lent: new Set() };
};
