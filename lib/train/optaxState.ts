/**
 * Optimizer states as optax has them in pickles, both ways. Chains are tuples, states are optax's named tuples, moments
 * are trees; a leaf that a masked transformation leaves alone is a `MaskedNode`. States of exported steps are lists, and dicts
 * of the same fields. Nothing of Python is run.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import { bytesPerElement, type HostArray, sizeOf, type TypedArray } from '../data/array.js';
import { toHostSync, toTensor } from '../data/leaf.js';
import { isRecord } from '../data/nest.js';
import { sameShape, showShape } from '../data/shape.js';
import { flatten, joinPath, map, splitPath, type Tree, unflatten } from '../data/tree.js';
import {
  FileArray,
  type NamedTuple,
  type PickleDict,
  type PickleSequence,
  type PickleValue,
} from '../checkpoint/index.js';
import { kindOf } from '../data/weights.js';
import { tidy } from '../engine/index.js';
import { hostLeaves } from './trainState.js';
import { Leaves, pack } from './leaves.js';
import type { OptimizerState } from './transformation.js';

/** The classes of optax's states with their fields in order, under our names for them. */
const classes: Readonly<Record<string, readonly string[]>> = {
  ScaleByAdamState: ['count', 'mu', 'nu'],
  ScaleByRmsState: ['nu'],
  ScaleByRStdDevState: ['mu', 'nu'],
  ScaleByLionState: ['count', 'mu'],
  ScaleByScheduleState: ['count'],
  TraceState: ['trace'],
  EmaState: ['count', 'ema'],
  FactoredState: ['count', 'vRow', 'vCol', 'v'],
  MaskedState: ['innerState'],
  MultiStepsState: ['miniStep', 'gradientStep', 'innerOptState', 'accGrads', 'skipState'],
  PartitionState: ['innerStates'],
  EmptyState: [],
};

/** Names that optax had for a class before, or has beside it. */
const otherNames: Readonly<Record<string, string>> = {
  MultiTransformState: 'PartitionState',
  ScaleState: 'EmptyState',
  IdentityState: 'EmptyState',
};

/** A field that optax has and that holds nothing of ours. */
const emptyFields = new Set(['skipState']);

/** Fields that are trees of tensors, whose leaves have shapes of their own. */
const treeFields = new Set(['vRow', 'vCol', 'v']);

type States = Readonly<Record<string, OptimizerState>>;

/** The class of a state of ours, by its fields. */
const classOf = (state: States): string | undefined => {
  const names = new Set(Object.keys(state));
  return Object.keys(classes).find((name) => {
    const fields = classes[name].filter((field) => !emptyFields.has(field));
    return fields.length === names.size && fields.every((field) => names.has(field));
  });
};

const isArray = (value: PickleValue): value is FileArray => value instanceof FileArray;

const isKind = <K extends 'tuple' | 'list' | 'dict' | 'namedTuple'>(
  value: PickleValue | undefined,
  kind: K,
): value is Extract<PickleValue, { readonly kind: unknown }> & { readonly kind: K } =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;

const shortName = (name: string): string => {
  const short = name.slice(name.lastIndexOf('.') + 1);
  return otherNames[short] ?? short;
};

const describe = (value: PickleValue | undefined): string => {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value !== 'object') return String(value);
  if (isArray(value)) return `${value.dtype} ${showShape(value.shape)}`;
  if (value.kind === 'namedTuple') return value.name;
  return `a ${value.kind}`;
};

/** A reader's way: problems so far, and the counts that were met. */
interface Reading {
  readonly problems: string[];
  readonly counts: Map<string, number>;
  /** True inside of an exported step's state, which has the leaves that the step trains, and no others. */
  readonly isOfStep?: boolean;
}

type Make = () => OptimizerState;

const nothing: Make = () => ({});

/** optax's states around another one, of transformations that there are none of here. */
const wrappers = new Set([
  ...['InjectHyperparamsState', 'InjectStatefulHyperparamsState', 'ApplyIfFiniteState'],
  ...['ConditionallyTransformState', 'ConditionallyMaskState', 'MaybeUpdateState'],
]);

const adviceOn = (value: PickleValue | undefined, path: string): string =>
  isKind(value, 'namedTuple') && wrappers.has(shortName((value as NamedTuple).name))
    ? `; it is a state around the optimizer's: save ${path}.inner_state in its place, the numbers around it are not carried`
    : '';

const refuse = (
  { problems }: Reading,
  path: string,
  value: PickleValue | undefined,
  expected: string,
): Make => {
  problems.push(`${path}: found ${describe(value)}, expected ${expected}${adviceOn(value, path)}`);
  return nothing;
};

/** The entries of a dict by name. */
const entriesOf = (value: PickleDict): ReadonlyMap<string, PickleValue> =>
  new Map([...value.entries].map(([name, each]) => [String(name), each]));

const readArray = (reading: Reading, value: PickleValue | undefined, like: tf.Tensor, path: string): Make => {
  const array =
    typeof value === 'number' ? ({ shape: [], dtype: 'int32', data: Int32Array.of(value) } as const) : value;
  if (!(array !== undefined && typeof array === 'object' && array !== null && 'dtype' in array))
    return refuse(reading, path, value, `an array ${showShape(like.shape)}`);
  if (!sameShape(array.shape, like.shape) || /float/.test(array.dtype) !== /float/.test(like.dtype))
    return refuse(reading, path, value, `${like.dtype} ${showShape(like.shape)}`);
  if (like.dtype === 'int32' && like.rank === 0) reading.counts.set(path, Number(array.data[0]));
  return () => toTensor(array as HostArray);
};

/** Names the leaves of an exported step's state that the step here does not train. */
const refuseOthers = (
  reading: Reading,
  modules: ReadonlyMap<string, PickleValue>,
  { layout }: Leaves,
  path: string,
): void => {
  const own = new Set(layout.slots.map((slot) => slot.path));
  for (const [module, leaves] of modules)
    for (const [name, leaf] of isKind(leaves, 'dict') ? entriesOf(leaves) : [])
      if (!own.has(joinPath(module, name)))
        refuse(
          reading,
          `${path}.${joinPath(module, name)}`,
          leaf,
          'nothing, because the step does not train this leaf',
        );
};

/** The leaves of a tree of dicts; those that are masked, and others that are not optax's, are left out. */
const readLeaves = (reading: Reading, value: PickleValue | undefined, like: Leaves, path: string): Make => {
  if (!isKind(value, 'dict')) return refuse(reading, path, value, 'a dict of modules');
  const modules = entriesOf(value);
  if (reading.isOfStep) refuseOthers(reading, modules, like, path);
  const entries = like.layout.slots.map((slot) => {
    const [module, name] = splitPath(slot.path);
    const leaves = modules.get(module);
    const leaf = isKind(leaves, 'dict') ? entriesOf(leaves).get(name) : undefined;
    const isRight =
      leaf !== undefined && isArray(leaf as PickleValue) && sameShape((leaf as FileArray).shape, slot.shape);
    if (!isRight) refuse(reading, `${path}.${slot.path}`, leaf, `an array ${showShape(slot.shape)}`);
    return [slot.path, leaf as FileArray] as const;
  });
  return () => pack(unflatten(entries), like.layout);
};

const readNest = (
  reading: Reading,
  value: PickleValue | undefined,
  like: OptimizerState,
  path: string,
): Make => {
  if (like instanceof tf.Tensor) return readArray(reading, value, like, path);
  if (like instanceof Leaves) return readLeaves(reading, value, like, path);
  if (Array.isArray(like)) return readList(reading, value, like, path);
  const own = like as States;
  const name = classOf(own);
  if (name === undefined) return readRecord(reading, value, own, path);
  if (isKind(value, 'dict')) return readFields(reading, value, own, path);
  if (!isKind(value, 'namedTuple') || shortName((value as NamedTuple).name) !== name)
    return refuse(reading, path, value, `optax's ${name}, or a dict of ${fieldsOf(own)}`);
  const { fields } = value as NamedTuple;
  if (fields.length !== classes[name].length)
    return refuse(reading, path, value, `${classes[name].length} fields`);
  const parts = classes[name].flatMap((field, i) =>
    emptyFields.has(field)
      ? []
      : [[field, readNest(reading, fields[i], own[field], `${path}.${field}`)] as const],
  );
  return () => Object.fromEntries(parts.map(([field, make]) => [field, make()]));
};

const readList = (
  reading: Reading,
  value: PickleValue | undefined,
  like: readonly OptimizerState[],
  path: string,
): Make => {
  const isSequence = isKind(value, 'tuple') || isKind(value, 'list');
  const items = isSequence ? (value as PickleSequence).items : [];
  if (!isSequence || items.length !== like.length)
    return refuse(reading, path, value, `a tuple of ${like.length} states`);
  const parts = like.map((each, i) => readNest(reading, items[i], each, `${path}[${i}]`));
  return () => parts.map((make) => make());
};

const fieldsOf = (like: States): string => Object.keys(like).join(', ') || 'no fields';

/** A state of an exported step: a dict of our own fields, and no others. */
const readFields = (reading: Reading, value: PickleDict, like: States, path: string): Make => {
  const others = [...entriesOf(value).keys()].filter((name) => !(name in like));
  if (others.length === 0) return readRecord({ ...reading, isOfStep: true }, value, like, path);
  return refuse(reading, path, value, `a dict of ${fieldsOf(like)}; it has ${others.join(', ')}`);
};

/** A record without a class: labels with their states, modules with their leaves. */
const readRecord = (reading: Reading, value: PickleValue | undefined, like: States, path: string): Make => {
  if (!isKind(value, 'dict'))
    return refuse(reading, path, value, `a dict of ${Object.keys(like).join(', ')}`);
  const found = entriesOf(value);
  const parts = Object.entries(like).map(
    ([name, each]) => [name, readNest(reading, found.get(name), each, `${path}.${name}`)] as const,
  );
  return () => Object.fromEntries(parts.map(([name, make]) => [name, make()]));
};

/** Counts of updates that transformations keep; those of batches between two updates are none. */
const isUpdateCount = (path: string): boolean => !path.endsWith('.miniStep');

/**
 * The optimizer state in a pickle's value: optax's, or that of an exported step. Its tensors are the caller's.
 * @param like   a state of the same transformation; it says what there must be
 * @param steps  the number of updates that the file says it is after; counts must agree with it, and with each other
 * @param path   the name of the part in problems; `opt_state` if not given
 * @returns every part that is missing or of another form, and counts that do not agree
 */
export const fromOptax = <S extends OptimizerState>(
  value: PickleValue,
  like: S,
  steps?: number,
  path = 'opt_state',
): E.Either<readonly string[], S> => {
  const reading: Reading = { problems: [], counts: new Map() };
  const make = readNest(reading, value, like, path);
  const counts = [...reading.counts].filter(([path]) => isUpdateCount(path));
  // Steps of a program with MultiSteps are batches, several to an update.
  const updates = counts.length === reading.counts.size ? steps : undefined;
  const all = new Set([...counts.map(([, count]) => count), ...(updates === undefined ? [] : [updates])]);
  if (all.size > 1) {
    const said = updates === undefined ? [] : [`the file is after ${updates} updates`];
    reading.problems.push(
      `counts of updates do not agree: ${[...counts.map(([path, count]) => `${path} is ${count}`), ...said].join(', ')}`,
    );
  }
  return reading.problems.length > 0 ? E.left(reading.problems) : E.right(tidy(make) as S);
};

/** An array as a pickle's value. */
export const pickleArray = ({ shape, dtype, data }: HostArray): FileArray => {
  const values: TypedArray = data;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, sizeOf(shape) * bytesPerElement[dtype]);
  return new FileArray({ shape, dtype, isLittleEndian: true, bytes });
};

const namedTuple = (name: string, fields: readonly PickleValue[]): NamedTuple => ({
  kind: 'namedTuple',
  offset: 0,
  // Every class has its name in optax itself, wherever a version of optax defines it.
  name: `optax.${name}`,
  fields,
});

const dict = (entries: readonly (readonly [string, PickleValue])[]): PickleDict => ({
  kind: 'dict',
  offset: 0,
  entries: new Map(entries),
});

/** A tree with a value for each path, in dicts. */
export const treeValue = (entries: readonly (readonly [string, PickleValue])[]): PickleDict =>
  dict(
    Object.entries(unflatten(entries)).map(
      ([module, leaves]) => [module, dict(Object.entries(leaves))] as const,
    ),
  );

/** A tree of some of the leaves, with optax's mark in the places of the others. */
const markedTree = (tree: Tree<HostArray>, paths: readonly string[]): PickleDict => {
  const own = new Map(flatten(tree));
  return treeValue(
    paths.map((path) => {
      const leaf = own.get(path);
      return [path, leaf ? pickleArray(leaf) : namedTuple('MaskedNode', [])] as const;
    }),
  );
};

/**
 * An optimizer state as optax's, for a pickle.
 * @param paths  the paths of all parameters, for masked transformations: leaves that are not theirs are marked as optax
 *               marks them
 */
export const toOptax = (state: OptimizerState, paths: readonly string[]): PickleValue => {
  if (state instanceof tf.Tensor) return pickleArray(toHostSync(state));
  if (state instanceof Leaves) return markedTree(hostLeaves(state), paths);
  if (Array.isArray(state))
    return { kind: 'tuple', offset: 0, items: state.map((each: OptimizerState) => toOptax(each, paths)) };
  if (!isRecord(state) || 'dtype' in state)
    throw new TypeError(
      `toOptax: the state has ${isRecord(state) ? 'a host array' : `a value ${kindOf(state)}`} in it, expected tensors, packed leaves, and lists and records of such`,
    );
  const record = state as States;
  const name = classOf(record);
  if (name === undefined)
    return dict(Object.entries(record).map(([each, part]) => [each, toOptax(part, paths)]));
  return namedTuple(
    name,
    classes[name].map((field) => {
      if (emptyFields.has(field)) return { kind: 'tuple', offset: 0, items: [] };
      if (treeFields.has(field)) return markedTree(map(record[field] as Tree<tf.Tensor>, toHostSync), paths);
      return toOptax(record[field], paths);
    }),
  );
};

/** An optimizer state as an exported step takes it, for a pickle: lists, and dicts of fields and of leaves. */
export const toFields = (state: OptimizerState): PickleValue => {
  if (state instanceof tf.Tensor) return pickleArray(toHostSync(state));
  if (state instanceof Leaves)
    return markedTree(
      hostLeaves(state),
      state.layout.slots.map(({ path }) => path),
    );
  if (Array.isArray(state)) return { kind: 'list', offset: 0, items: state.map(toFields) };
  return dict(Object.entries(state as States).map(([name, part]) => [name, toFields(part)]));
};
