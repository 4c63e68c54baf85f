/**
 * The folder `random`: its programs (see `scoping`), and every draw of `random.npz`, in both modes, from the key that is stored beside it. What is drawn
 * an array's name says: `<mode>/<distribution>_<numbers>_<shape>`, `<mode>/init/<initializer>/<shape>`.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { array, float32, type HostArray, type Shape } from '../../lib/data/array.js';
import {
  bernoulli,
  beta,
  bits,
  categorical,
  foldIn,
  gumbel,
  type Key,
  key as keyOfSeed,
  keySequence,
  type Mode,
  normal,
  permutation,
  randint,
  split,
  truncatedNormal,
  uniform,
} from '../../lib/random/index.js';
import { type Case, keyOf, readArrays } from './case.js';
import { type Check, compare, compareDraws, failing } from './compare.js';
import { initialValue } from './initializers.js';
import { scopingCases } from './scoping.js';

type Comparison = (name: string, found: HostArray, stored: HostArray) => Check;

/** Bits, integers, words of keys and uniform draws are equal. */
const equal: Comparison = (name, found, stored) => compare(name, found, stored, 0);
/** Draws through logarithms, and linear algebra. */
const close: Comparison = (name, found, stored) => compare(name, found, stored, 1e-5);

const words = (keys: readonly Key[]): Uint32Array => Uint32Array.from(keys.flatMap(({ words }) => words));
const wordsOf = (key: Key) => array([2], 'uint32', words([key]));
const wordsOfAll = (keys: readonly Key[]) => array([keys.length, 2], 'uint32', words(keys));

/** Keys of a sequence that splits `reserved + 1` off at once, and then one after the other. */
const sequence = (root: Key, reserved: number, count: number): HostArray => {
  const [link, ...first] = reserved > 0 ? split(root, reserved + 1) : [root];
  const next = keySequence(link);
  return wordsOfAll([...first, ...Array.from({ length: count - first.length }, () => next()())]);
};

/** The seed that a stored key was made of; of those that give the same key, the one that the name tells. */
const seedOf = (which: string, { data }: HostArray): number =>
  Number(data[1]) - (which === '_neg' ? 2 ** 32 : 0);

/** Of the categories that `categorical` draws from. */
const logits = float32([4], [0.1, 0.2, 0.3, 0.4].map(Math.log));

const dims = (text: string): Shape => text.split('x').map(Number);

/** Kinds of arrays by the pattern of their names: the comparison, and the draw from the name's parts. */
type Draw = readonly [
  name: RegExp,
  compare: Comparison,
  draw: (key: Key, said: readonly string[], stored: HostArray) => HostArray,
];

const initialDraw: Draw[2] = (key, [name, shape]) => initialValue(name, dims(shape), key);

const draws: readonly Draw[] = [
  [
    /^key(_big|_neg)?$/,
    equal,
    ({ mode }, [which], stored) => wordsOf(keyOfSeed(seedOf(which, stored), mode)),
  ],
  [/^split(\d+)$/, equal, (key, [n]) => wordsOfAll(split(key, Number(n)))],
  [/^fold_in_(\d+|big)$/, equal, (key, [n]) => wordsOf(foldIn(key, n === 'big' ? 4_000_000_000 : Number(n)))],
  [/^bits_([\dx]+)$/, equal, (key, [shape]) => bits(key, dims(shape))],
  [/^bits8_([\dx]+)$/, equal, (key, [shape]) => bits(key, dims(shape), 8)],
  [/^bits16_([\dx]+)$/, equal, (key, [shape]) => bits(key, dims(shape), 16)],
  [/^uniform_([\dx]+)$/, equal, (key, [shape]) => uniform(key, dims(shape))],
  [
    /^uniform_([-.\d]+)_([-.\d]+)_([\dx]+)$/,
    equal,
    (key, [min, max, shape]) => uniform(key, dims(shape), { min: Number(min), max: Number(max) }),
  ],
  [/^normal_([\dx]+)$/, compareDraws, (key, [shape]) => normal(key, dims(shape))],
  [
    /^truncated_normal_([-.\d]+)_([-.\d]+)_([\dx]+)$/,
    compareDraws,
    (key, [lower, upper, shape]) => truncatedNormal(key, Number(lower), Number(upper), dims(shape)),
  ],
  [/^bernoulli_([.\d]+)_([\dx]+)$/, equal, (key, [p, shape]) => bernoulli(key, Number(p), dims(shape))],
  [
    /^randint_(-?\d+)_(-?\d+)_([\dx]+)$/,
    equal,
    (key, [min, max, shape]) => randint(key, dims(shape), Number(min), Number(max)),
  ],
  [/^permutation_(\d+)$/, equal, (key, [n]) => permutation(key, Number(n))],
  [/^categorical_([\dx]+)$/, equal, (key, [shape]) => categorical(key, logits, { shape: dims(shape) })],
  [/^gumbel_([\dx]+)$/, close, (key, [shape]) => gumbel(key, dims(shape))],
  [/^beta_([.\d]+)_([\dx]+)$/, close, (key, [a, shape]) => beta(key, Number(a), Number(a), dims(shape))],
  [/^prng_sequence_(\d+)$/, equal, (key, [n]) => sequence(key, 0, Number(n))],
  [
    /^prng_sequence_reserve(\d+)_take(\d+)$/,
    equal,
    (key, [reserved, n]) => sequence(key, Number(reserved), Number(n)),
  ],
  [/^init\/(constant_\w+|identity|\w+_uniform|uniform_scaling)\/([\dx]+)$/, equal, initialDraw],
  [/^init\/(\w+_normal)\/([\dx]+)$/, compareDraws, initialDraw],
  [/^init\/(orthogonal)\/([\dx]+)$/, close, initialDraw],
];

/** Draws an array by its name and compares it. */
const checkDraw = (name: string, key: Key, stored: HostArray): Check[] => {
  for (const [pattern, compareWith, draw] of draws) {
    const said = pattern.exec(name);
    if (said) return [compareWith(name, draw(key, said.slice(1), stored), stored)];
  }
  return [failing(name, 'nothing is known to draw this')];
};

/** Every stored draw of an `.npz`. */
const drawCases = (path: string): readonly Case[] => {
  const arrays = readArrays(path);
  return [...arrays].map(([path, stored]) => {
    const [mode, ...name] = path.split('/');
    const root = arrays.get(`${mode}/key`);
    return {
      name: path,
      run: () =>
        root
          ? checkDraw(name.join('/'), keyOf(root, mode as Mode), stored)
          : [failing(path, `there is no ${mode}/key`)],
    };
  });
};

/** Every stored draw and every stored program of a folder. */
export const randomCases = (folder: string): readonly Case[] => [
  ...drawCases(join(folder, 'random.npz')),
  ...(existsSync(join(folder, 'scoping.json')) ? scopingCases(join(folder, 'scoping.json')) : []),
];
