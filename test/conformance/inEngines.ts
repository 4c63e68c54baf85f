/**
 * Functions with their gradients in three engines: this library's own, onnxruntime and JAX. The last two are held to the
 * first.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../../lib/data/array.js';
import { isTensor, type Leaf, toHostSync, toTensor } from '../../lib/data/leaf.js';
import { mapNest, partsOf } from '../../lib/data/nest.js';
import { tidy } from '../../lib/engine/index.js';
import { traceFunction } from '../../lib/graph/index.js';
import { graphToOnnx, isComposedInOnnx } from '../../lib/onnx/index.js';
import { pullback } from '../../lib/stablehlo/exportJax.js';
import { pyTreeOf, tupleOf } from '../../lib/stablehlo/pyTree.js';
import { started } from '../lib/onnx/runtime.js';
import { type Cells, compareGradients, compareOutputs, type Finding, findingOf } from './finding.js';
import { callCases, isArray, type JaxCase, placesOf } from './jaxCase.js';

/** A function of nests of arrays, and arguments for it. */
export interface EngineCase {
  readonly what: string;
  readonly folder: string;
  readonly f: (...args: readonly unknown[]) => unknown;
  readonly args: readonly unknown[];
  /** The largest difference of a gradient, as a share; 1e-4 if not given. */
  readonly mostOfGradients?: number;
  /** A pickle of the first arguments, as in `JaxCase`. */
  readonly pickle?: JaxCase['pickle'];
}

/** Outputs and gradients, both in JAX's order. */
interface Values {
  readonly outputs: readonly HostArray[];
  readonly gradients: readonly HostArray[];
}

/** Another engine sums in another order. */
const share = 1e-4;

const isFloat = (part: unknown): part is tf.Tensor => isTensor(part) && part.dtype === 'float32';

/** The function with its results as a list, in JAX's order. */
const listed =
  (f: EngineCase['f']) =>
  (...args: readonly unknown[]): readonly tf.Tensor[] =>
    tupleOf([pyTreeOf(f(...args), isTensor)]).leaves;

/** Numbers that differ from place to place, for an output. */
const cotangentOf = ({ shape, data }: HostArray): tf.Tensor =>
  tidy(() => tf.reshape(tf.cos(tf.range(0, data.length)), [...shape]));

/** The float arguments in the order of nests, as numbers of leaves in JAX's order. */
const floatPlaces = (args: readonly unknown[]): readonly number[] => {
  const places = placesOf(args);
  return partsOf(args, isFloat).map((leaf) => places.get(leaf) as number);
};

const outputsOnEngine = (f: EngineCase['f'], args: readonly unknown[]): readonly HostArray[] =>
  tidy(() => listed(f)(...args).map(toHostSync));

const gradientsOnEngine = (
  f: EngineCase['f'],
  args: readonly unknown[],
  cotangents: readonly tf.Tensor[],
): readonly HostArray[] => tidy(() => pullback(listed(f))(args, cotangents).map(toHostSync));

/** One graph of outputs and gradients, run by onnxruntime. */
const onRuntime = async (
  f: EngineCase['f'],
  args: readonly unknown[],
  cotangents: readonly tf.Tensor[],
): Promise<Values> => {
  const both = (given: readonly unknown[], rest: readonly tf.Tensor[]) => ({
    outputs: listed(f)(...given),
    gradients: pullback(listed(f))(given, rest),
  });
  const graph = traceFunction(
    both as (...nests: readonly unknown[]) => unknown,
    [args, cotangents] as never,
    {
      names: { inputs: ['argument', 'cotangent'], output: '' },
      isComposed: isComposedInOnnx,
    },
  );
  const { run, names } = await started(graphToOnnx(graph));
  const tensors = new Map(
    partsOf([args, cotangents], isTensor).map((tensor, i) => [graph.inputs[i].name, tensor]),
  );
  const found = await run(names.inputs.map((name) => tensors.get(name) as tf.Tensor));
  const arrayOf = (name: string): HostArray => {
    const { dims, data } = found[name];
    return { shape: [...dims], dtype: data instanceof Float32Array ? 'float32' : 'int32', data } as HostArray;
  };
  const { outputs, gradients } = graph.result as Record<keyof Values, readonly string[]>;
  return { outputs: outputs.map(arrayOf), gradients: gradients.map(arrayOf) };
};

const cellsOf = (engine: string, found: Values, own: Values, most = share): Cells => ({
  [`${engine}: outputs`]: own.outputs.map((array, i) =>
    compareOutputs(`output ${i}`, found.outputs[i], array, share),
  ),
  [`${engine}: gradients`]: compareGradients(found.gradients, own.gradients, most),
});

/** A case on the engine's tensors, with its values there. */
const prepare = ({ f, args: given, folder, what, pickle, mostOfGradients }: EngineCase) => {
  const args = mapNest(given, isArray, (leaf: Leaf) =>
    isTensor(leaf) ? leaf : toTensor(leaf),
  ) as readonly unknown[];
  const outputs = outputsOnEngine(f, args);
  const cotangents = outputs.filter(({ dtype }) => dtype === 'float32').map(cotangentOf);
  const jaxCase: JaxCase = { what, folder, f, specs: args, args, cotangents, ...(pickle && { pickle }) };
  const own: Values = { outputs, gradients: gradientsOnEngine(f, args, cotangents) };
  return { f, args, cotangents, jaxCase, mostOfGradients, own };
};

/** Tries cases in all engines. */
export const tryInEngines = async (python: string, cases: readonly EngineCase[]): Promise<Finding[]> => {
  const prepared = cases.map(prepare);
  const foundFor = await callCases(
    python,
    prepared.map(({ jaxCase }) => jaxCase),
  );
  const findings: Finding[] = [];
  for (const { f, args, cotangents, jaxCase, mostOfGradients: most, own } of prepared)
    findings.push(
      await findingOf(jaxCase.what, async () => {
        const found = foundFor(jaxCase);
        const inJax: Values = {
          outputs: own.outputs.map((_, i) => found.get(String(i)) as HostArray),
          gradients: floatPlaces(args).map((place) => found.get(`g${place}`) as HostArray),
        };
        return {
          ...cellsOf('onnxruntime', await onRuntime(f, args, cotangents), own, most),
          ...cellsOf('JAX', inJax, own, most),
        };
      }),
    );
  prepared.forEach(({ args, cotangents }) => tf.dispose(partsOf([args, cotangents], isTensor)));
  return findings;
};
