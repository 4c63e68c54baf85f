/** Programs exported here, called and differentiated by JAX: outputs and gradients are those computed here, and Haiku's. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { map as mapRecord } from 'fp-ts/lib/Record.js';
import type { HostArray } from '../../lib/data/array.js';
import { showCheckpointError, writeCheckpoint } from '../../lib/checkpoint/index.js';
import { isTensor, toHostSync } from '../../lib/data/leaf.js';
import { partsOf } from '../../lib/data/nest.js';
import { at, flatten } from '../../lib/data/tree.js';
import { valueAndGrad } from '../../lib/language/valueAndGrad.js';
import { layerFunction } from '../../lib/stablehlo/index.js';
import { compareOutput } from '../../presets/verify/verify.js';
import { presets } from '../../presets/index.js';
import { type NaNCase, nanCases, values } from '../lib/engine/nanCases.js';
import { cases, type Case, outputsOf, tensorsOf } from '../lib/engine/operations.js';
import { withoutForm } from '../lib/stablehlo/withoutForm.js';
import { type Golden, goldenOf, type IndexEntry, readArrays, readJson } from '../golden/case.js';
import { type Check, compare } from '../golden/compare.js';
import { programOf } from '../golden/presets.js';
import { smallInputs, smallModel, smallWeights } from '../presets/small.js';
import { verifications } from '../presets/originals.js';
import { root } from '../project.js';
import { compareGradients, compareOutputs, type Finding, type Group } from './finding.js';
import { fullModel } from './fullModel.js';
import { rightOf } from './read.js';
import { type ComparedCase, leavesOf, placesOf, tryCases } from './jaxCase.js';

const isFloat = ({ dtype }: { readonly dtype: string }): boolean => dtype === 'float32';

const specOf = ({ shape, dtype }: { readonly shape: readonly number[]; readonly dtype: string }) => ({
  shape,
  dtype: dtype as 'float32',
});

/** An operation with its results, and its gradients for cotangents that differ from place to place. */
const operationCase = (work: string, aCase: Case, i: number): ComparedCase => {
  const args = tensorsOf(aCase);
  const results = outputsOf(aCase.run, args);
  const isSmooth = aCase.isDifferentiable && results.some(isFloat) && args.some(isFloat);
  const cotangents = results
    .filter((y) => isSmooth && isFloat(y))
    .map(({ shape, size }) => tf.cos(tf.reshape(tf.range(0, size), shape)));
  const product = (xs: tf.Tensor[]): tf.Tensor =>
    tf.addN(
      outputsOf(aCase.run, xs)
        .filter(isFloat)
        .map((y, j) => tf.sum(tf.mul(y, cotangents[j]))),
    );
  const gradients = isSmooth ? (valueAndGrad(product)(args).grads as tf.Tensor[]) : [];
  const expected = [
    ...results.map((y, j) => [String(j), toHostSync(y)] as const),
    ...gradients.flatMap((y, j) => (isFloat(args[j]) ? [[`g${j}`, toHostSync(y)] as const] : [])),
  ];
  return {
    what: aCase.name,
    folder: join(work, `operation-${i}`),
    f: (...xs) => outputsOf(aCase.run, xs as unknown as tf.Tensor[]),
    specs: args.map(specOf),
    args,
    cotangents,
    compare: (found) => expected.map(([name, own]) => compareOutputs(name, found.get(name)!, own)),
  };
};

/** A function of NaN with the values that NumPy gives. */
const nanCase = (work: string, { name, f, expected }: NaNCase, i: number): ComparedCase => {
  const x = tf.tensor2d(values, [4, 4]);
  return {
    what: name,
    folder: join(work, `nan-${i}`),
    f: (given) => [f(given)].flat(),
    specs: [specOf(x)],
    args: [x],
    compare: (found) => {
      const all = [...found.values()].flatMap(({ data }) => [...(data as Float32Array)]);
      // NaN is marked, since differences have none.
      const array = (data: readonly number[]): HostArray => ({
        shape: [data.length],
        dtype: 'float32',
        data: Float32Array.from(data, (value) => (Number.isNaN(value) ? 1e6 : value)),
      });
      return [compareOutputs('values', array(all), array(expected))];
    },
  };
};

/** Cases of operations as one finding. */
const tryOperations = async (
  python: string,
  what: string,
  all: readonly ComparedCase[],
): Promise<Finding> => {
  const findings = await tryCases(python, all);
  const named = ({ what, checks }: Finding): Check[] =>
    checks.map((check) => ({
      ...check,
      array: `${what}: ${check.array}`,
      ...(check.problem !== undefined && { problem: `${what}: ${check.problem}` }),
    }));
  return { what: `${all.length} ${what}`, checks: findings.flatMap(named) };
};

const goldens = join(root, 'test', 'goldens', 'presets');

/** Numbers of points say which outputs there are, and are no arrays of the network. */
const arraysOf = ({ inputs }: Pick<Golden, 'inputs'>): Golden['inputs'] =>
  Object.fromEntries(Object.entries(inputs).filter(([name]) => !name.endsWith('_points')));

/** A preset at small size. Parameters are passed as they are in DeepMind's pickle, where there is one. */
const goldenCase = (work: string, { case: name, config, tolerance }: IndexEntry): ComparedCase => {
  const golden = goldenOf(readArrays(join(goldens, `${name}.npz`)));
  const inputs = arraysOf(golden);
  const { f, specs, names } = layerFunction(programOf(config, golden), [mapRecord(specOf)(inputs)] as never);
  const hasState = Object.keys(golden.state).length > 0;
  const args = [golden.params, ...(hasState ? [golden.state] : []), inputs];
  const places = placesOf(args);
  const { gradient } = golden;
  const gradients = gradient
    ? [
        ...flatten(gradient.params).map(([path, own]) => [path, at(golden.params, path), own] as const),
        ...Object.entries(gradient.inputs).map(([input, own]) => [input, inputs[input], own] as const),
      ].filter(([, leaf]) => leaf !== undefined && isFloat(leaf))
    : [];
  const [first] = Object.keys(golden.outputs);
  const outputs = Object.keys(golden.outputs).sort();
  const zeros = ({ shape }: HostArray): tf.Tensor => tf.zeros([...shape]);
  const pickle = join(goldens, `${name}.pickle`);
  return {
    what: `\`${name}\`, small, ${gradient ? 'with gradients' : 'outputs'}, against Haiku's own`,
    folder: join(work, `golden-${name}`),
    f,
    specs,
    options: { name, names },
    args,
    ...(existsSync(pickle) && { pickle: { path: pickle, args: hasState ? 2 : 1 } }),
    cotangents: gradient
      ? outputs.map((output) => (output === first ? gradient.cotangent : zeros(golden.outputs[output])))
      : [],
    compare: (found) => [
      ...outputs.map((output, i) =>
        compare(output, found.get(String(i))!, golden.outputs[output], tolerance),
      ),
      ...gradients.map(([path, leaf, own]) =>
        compare(`gradient of ${path}`, found.get(`g${places.get(leaf as HostArray)}`)!, own, tolerance),
      ),
    ],
  };
};

const sizes = { batch: 2, entities: 5, image_points: 3, audio_points: 2 };

/** A preset of any batch, at small size, with the gradient of the sum of its outputs in its parameters. */
const presetCase = (work: string, name: string): ComparedCase => {
  const model = smallModel(name);
  const weights = smallWeights(model);
  const inputs = smallInputs(model, sizes);
  const { f, specs, names } = layerFunction(model.network, model.openInputs, { names: model.names });
  const args = [weights.params, ...(specs.length > inputs.length + 1 ? [weights.state] : []), ...inputs];
  const sumOf = (params: unknown): tf.Tensor =>
    tf.addN(
      partsOf(f(params, ...args.slice(1)), isTensor)
        .filter(isFloat)
        .map((y) => tf.sum(y)),
    );
  const own = leavesOf([f(...args)]);
  const gradients = leavesOf([valueAndGrad(sumOf)(weights.params as never).grads]);
  return {
    what: `\`${name}\`, small, of any batch, with gradients`,
    folder: join(work, `small-${name}`),
    f,
    specs,
    options: { name, names },
    args,
    cotangents: own.filter(isFloat).map(({ shape }) => tf.ones([...shape])),
    compare: (found) => [
      ...own.map((array, i) => compareOutputs(String(i), found.get(String(i))!, array)),
      ...compareGradients(
        gradients.map((_, i) => found.get(`g${i}`)!),
        gradients,
      ),
    ],
  };
};

/** A preset at full size by seed, against what the original computed. */
const fullCase = async (work: string, name: string): Promise<ComparedCase> => {
  const { f, specs, names, weights, own, inputs, expected } = await fullModel(name);
  const folder = join(work, `full-${name}`);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'weights.pickle');
  rightOf(showCheckpointError)(await writeCheckpoint(path, weights, { format: 'pickle' })());
  const outputs = Object.keys(expected.outputs).sort();
  return {
    what: `\`${name}\`, full size, against what the original computed`,
    folder,
    f,
    specs,
    options: { name, names, withGradient: false },
    args: [...own.map(() => undefined), ...inputs],
    pickle: { path, args: own.length },
    compare: (found) =>
      outputs.map((output, i): Check => {
        const {
          difference = Infinity,
          tolerance = 0,
          problem,
        } = compareOutput(output, found.get(String(i)), expected.outputs[output]);
        return { array: output, error: difference, tolerance, ...(problem !== undefined && { problem }) };
      }),
  };
};

const title = 'Exported here, called by JAX';

/** The presets that are the code of another one at other sizes. */
const variants = `Presets that are another one's code at other sizes or with other published values: ${Object.values(
  presets,
)
  .flatMap(({ card: { name, variantOf } }) =>
    variantOf === undefined ? [] : [`\`${name}\` of \`${variantOf}\``],
  )
  .join(', ')}. Haiku's own outputs are known for the eight presets whose rows say so.`;

/** Operations and presets at small size. */
export const toJax = async (python: string, work: string): Promise<Group> => {
  const folder = join(work, 'jax');
  const { cases: entries } = readJson(join(goldens, 'index.json')) as {
    readonly cases: readonly IndexEntry[];
  };
  const goldenCases = entries.map((entry) => goldenCase(folder, entry));
  const presetCases = Object.keys(presets).map((name) => presetCase(folder, name));
  return {
    title,
    doc:
      "Files that `jax.export.deserialize` reads, called with the parameters of DeepMind's pickles as they are, and differentiated by `jax.vjp`.\n\n" +
      "NaN in this library's engine and in JAX is NumPy's: it goes through, with either sign bit (computed NaN often has it), and is the first maximum and the first minimum of a row. onnxruntime passes over NaN in `ReduceMax`, `ReduceMin` and `MaxPool`, and gives other places for it in `ArgMax`, `ArgMin` and `TopK`, since ONNX has no rule for it. Graphics processors may compute anything from NaN: WGSL and GLSL promise nothing. An index that an axis does not have, such as an id beyond a vocabulary, is refused by this library's engine. In a file for JAX it is what Haiku's `hk.Embed` makes of it: negative ones count from the end, others are the nearest row; gradients leave both out. onnxruntime counts negative ones from the end as well, and refuses others.\n\n" +
      variants,
    findings: [
      await tryOperations(
        python,
        'cases of operations, with gradients',
        cases
          .filter(({ name }) => !withoutForm.includes(name))
          .map((aCase, i) => operationCase(folder, aCase, i)),
      ),
      await tryOperations(
        python,
        'functions of NaN',
        nanCases.map((aCase, i) => nanCase(folder, aCase, i)),
      ),
      ...(await tryCases(python, goldenCases)),
      ...(await tryCases(python, presetCases)),
    ],
  };
};

/** The published models at full size, one after the other. */
export const toJaxFull = async (python: string, work: string): Promise<Group> => {
  const findings: Finding[] = [];
  for (const name of Object.keys(verifications)) {
    const full = await fullCase(work, name);
    findings.push(...(await tryCases(python, [full])));
    rmSync(full.folder, { recursive: true });
  }
  return {
    title,
    doc: 'At full size the weights are those of `renga verify`, by seed, in a pickle.',
    findings,
  };
};
