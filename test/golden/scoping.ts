/**
 * `scoping.json` of the folder `random`: programs that were written in Haiku for the names that it gives, transcribed.
 * If Python constructs a module before it calls it, the transcription declares it first.
 */
import * as tf from '@tensorflow/tfjs-core';
import { chain, type Layer, module, named, nameOfClass, outline, tree } from '../../lib/index.js';
import { ones } from '../../lib/language/initializers.js';
import { batchNorm } from '../../modules/batchNorm.js';
import { exponentialMovingAverage } from '../../modules/exponentialMovingAverage.js';
import { linear } from '../../modules/linear.js';
import { type Case, readJson } from './case.js';
import { type Check, failing } from './compare.js';

export type Flow = Layer<[x: tf.Tensor], tf.Tensor>;
interface Expected {
  readonly program: string;
  readonly params: Readonly<Record<string, readonly number[]>>;
  readonly state: Readonly<Record<string, readonly number[]>>;
}

/** The input of every program. */
export const x = { shape: [2, 4, 6] };
/** The sum of all terms. */
export const sum = (...terms: readonly tf.Tensor[]): tf.Tensor => terms.reduce((a, b) => tf.add(a, b));

/** `CamelCaseMLP2D` and the like: a class of that name with one linear layer. */
const ofClass = (className: string, channels: number) =>
  named(nameOfClass(className), (s, input: tf.Tensor) => linear(channels)(s, input));

const outer = (name = 'outer') =>
  module(name, (s) => {
    const first = s.declare(linear(3));
    const second = s.declare(linear(3, { name: 'named' }));
    const helper = s.method('helper', (input: tf.Tensor) => linear(3)(s, input));
    return (input: tf.Tensor) => sum(first(input), second(input), linear(3)(s, input), helper(input));
  });

const mlp = (widths: readonly number[]) =>
  module('mlp', (s) => {
    const layers = widths.map((width, i) => s.declare(linear(width, { name: `linear_${i}` })));
    return (input: tf.Tensor) => layers.reduce((flowing, layer) => layer(flowing), input);
  });

const multiHeadAttention = (numHeads: number, keySize: number) =>
  module('multi_head_attention', (s) => (query: tf.Tensor, key: tf.Tensor, value: tf.Tensor) => {
    const project = (name: string, input: tf.Tensor) => linear(numHeads * keySize, { name })(s, input);
    const attended = sum(project('query', query), project('key', key), project('value', value));
    return linear(numHeads * keySize)(s, attended);
  });

/** By the names that the programs have in the file. */
const programs: Readonly<Record<string, Flow>> = {
  two_linears: (s, input) => {
    const last = s.declare(linear(3));
    return last(s.declare(linear(5))(input));
  },
  same_name_twice: (s, input) => sum(linear(3, { name: 'a' })(s, input), linear(3, { name: 'a' })(s, input)),
  numbered_name: (s, input) => sum(...['a_1', 'a', 'a'].map((name) => linear(3, { name })(s, input))),
  constructor_method_other_method: (s, input) => outer()(s, input),
  two_outers_one_named: (s, input) => sum(outer()(s, input), outer('second')(s, input), outer()(s, input)),
  camel_case: ofClass('CamelCaseMLP2D', 2),
  module_called_twice: (s, input) => {
    const layer = s.declare(linear(6));
    return layer(layer(input));
  },
  top_level_parameter: (s, input) => tf.mul(input, s.param('g', [], ones)),
  sequential: chain(linear(4), (_s, input) => tf.relu(input), linear(2)),
  mlp: mlp([4, 2]),
  name_scope: named('scope', linear(2)),
  multi_head_attention: (s, input) => multiHeadAttention(2, 3)(s, input, input, input),
  batch_norm: batchNorm({ decayRate: 0.9 }),
  ema: exponentialMovingAverage({ decayRate: 0.9 }),
};

const shapesOf = (specs: tree.Tree<{ readonly shape: readonly number[] }>) =>
  new Map(tree.flatten(specs).map(([path, { shape }]) => [path, `[${shape.join(', ')}]`]));

const compareShapes = (
  what: string,
  specs: tree.Tree<{ readonly shape: readonly number[] }>,
  expected: Expected['params'],
): Check[] => {
  const found = shapesOf(specs);
  const stored = new Map(Object.entries(expected).map(([path, shape]) => [path, `[${shape.join(', ')}]`]));
  return [...new Set([...found.keys(), ...stored.keys()])].map((path) => {
    const array = `${what}/${path}`;
    const [own, wanted] = [found.get(path) ?? 'nothing', stored.get(path) ?? 'nothing'];
    return own === wanted ? { array, error: 0, tolerance: 0 } : failing(array, `${own}, expected ${wanted}`);
  });
};

const checkScoping = (name: string, { program, params, state }: Expected): Check[] => {
  if (!Object.hasOwn(programs, name)) return [failing(name, `nobody transcribed: ${program}`)];
  const found = outline(programs[name], [x]);
  return [...compareShapes('param', found.params, params), ...compareShapes('state', found.state, state)];
};

/** Every program of a `scoping.json`. */
export const scopingCases = (path: string): readonly Case[] =>
  Object.entries(readJson(path) as Readonly<Record<string, Expected>>).map(([name, expected]) => ({
    name: `scoping/${name}`,
    run: () => checkScoping(name, expected),
  }));
