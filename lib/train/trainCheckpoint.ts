/**
 * Checkpoints of runs: every array of a train state in a safetensors file, under flattened names, with the place in the
 * data and all else that it takes to go on. Optimizer state is keyed by path, `optimizer/0/mu/encoder/linear/w`,
 * whatever its form in memory.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../data/array.js';
import { few } from '../data/few.js';
import { asHost, awaitValues, type Leaf, type Params, toTensor } from '../data/leaf.js';
import { sameShape, showShape } from '../data/shape.js';
import { flatten, mapWithPath, type Tree, unflatten } from '../data/tree.js';
import { formatSafetensors, parseSafetensors, runFormat, showCheckpointError } from '../checkpoint/index.js';
import { type EngineInfo, own, tensorsIn, tidy } from '../engine/index.js';
import { crc32 } from '../files/crc32.js';
import { parseJson } from '../files/json.js';
import type { Key } from '../random/index.js';
import { expectTrainState } from './expectState.js';
import { Leaves, pack } from './leaves.js';
import { expectAlive, hostLeaves, type TrainState } from './trainState.js';
import type { OptimizerState } from './transformation.js';

/** The best evaluation so far. */
export interface Best {
  readonly value: number;
  readonly step: number;
}

/** All that a checkpoint knows beside the arrays of the train state. */
export interface RunRecord {
  /** The next batch that no step has taken. */
  readonly nextBatch: number;
  /** The key that the data is addressed with. */
  readonly dataKey: Key;
  /** False where the data cannot be addressed by position. */
  readonly isResumable: boolean;
  readonly best: Best | null;
  /** Evaluations since the figure last became better. */
  readonly sinceBest: number;
  /** Batches in a row that were left out, because they were not finite; none if not given. */
  readonly skipped?: number;
  /** True where the evaluation after the last update failed, and is to be taken again; false if not given. */
  readonly isEvaluationDue?: boolean;
  /** The run's recipe, as JSON; null for none. */
  readonly recipe: unknown;
  /** The `settings` of the run's data; undefined for data without any. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** The options of the run's step, as far as they can be told; undefined in files of older versions. */
  readonly step?: StepSettings;
  /** The figure that `best` is of, and the settings of the evaluation; undefined for none. */
  readonly judgedBy?: unknown;
  readonly environment: Environment;
}

/** The options of a step that decide the numbers of a run, as JSON. */
export interface StepSettings {
  readonly transformation?: unknown;
  readonly microBatches: number;
  readonly keyMode: string;
  readonly nextKeys?: unknown;
  readonly ema?: { readonly decay: number; readonly start: string };
  /** The numbers of low-rank adapters. */
  readonly adapters?: unknown;
  /** The frozen parameters, by path. */
  readonly freeze?: Readonly<Record<string, 'frozen'>>;
}

/** The environment of a run: its bits depend on it as they do on its arrays. */
export interface Environment extends Pick<EngineInfo, 'backend' | 'kernels' | 'threads'> {
  /** The program that computes the steps: `renga`, or another one with its version, such as `onnxruntime 1.30.0`. */
  readonly engine: string;
  /** The version of the JavaScript engine's host. */
  readonly host: string;
  /** The version of this library. */
  readonly renga: string;
}

/** A problem of a checkpoint: bytes that are not whole, or arrays that are not those of the run. */
export type TrainCheckpointError =
  | { readonly kind: 'damaged'; readonly problem: string }
  | {
      readonly kind: 'misfit';
      readonly problems: readonly string[];
      /** The record in the file, if it is a run's checkpoint. */
      readonly record?: RunRecord;
    };

/** The likely cause of arrays that do not fit, and the way out. */
const causeOf = (problems: readonly string[]): string => {
  const isIn = (part: string) => (problem: string) => problem.startsWith(`'${part}`);
  if (problems.some((problem) => /lora_[ab]'/.test(problem)))
    return 'low-rank adapters are others: give the rank and the matrices that the checkpoint was trained with (--lora), or none';
  if (problems.some(isIn('params/')))
    return 'the model is another, or has other sizes or classes: give the config and data that the checkpoint was trained with';
  if (problems.every(isIn('ema/')))
    return 'one of them has a moving average: give `ema` to the step as in the checkpoint';
  if (problems.some(isIn('optimizer/')))
    return 'the optimizer, or the leaves that train, are others: give both as in the checkpoint';
  return 'the state of the model is another: give the config that the checkpoint was trained with';
};

/** One message for a person; of many problems the first ones, with the likely cause. */
export const showTrainCheckpointError = (error: TrainCheckpointError): string => {
  if (error.kind === 'damaged') return error.problem;
  const { problems } = error;
  return [...few(problems), `the checkpoint does not fit the run: ${causeOf(problems)}`].join('\n');
};

type Named = [name: string, leaf: Leaf];

/** The arrays of a nest by their flattened names. */
const namesOf = (nest: OptimizerState, name: string): Named[] => {
  if (nest instanceof tf.Tensor) return [[name, nest]];
  if (nest instanceof Leaves)
    return flatten(hostLeaves(nest)).map(([path, leaf]) => [`${name}/${path}`, leaf]);
  return Object.entries(nest).flatMap(([each, part]) => namesOf(part as OptimizerState, `${name}/${each}`));
};

const namesOfTree = (tree: Tree<Leaf>, prefix: string): Named[] =>
  flatten(tree).map(([path, leaf]) => [`${prefix}/${path}`, leaf]);

/** Every array of a state by its flattened name; tensors are read. */
export const arraysOfState = async (state: TrainState): Promise<ReadonlyMap<string, HostArray>> => {
  expectAlive('arraysOfState', state);
  await awaitValues(tensorsIn(state));
  const named: Named[] = [
    ...namesOfTree(state.params, 'params'),
    ...namesOfTree(state.state, 'state'),
    ...namesOf(state.optimizer, 'optimizer'),
    ...(state.ema ? namesOf({ ...state.ema }, 'ema') : []),
    ['step', state.step],
    ['key', state.key],
  ];
  return new Map(await Promise.all(named.map(async ([name, leaf]) => [name, await asHost(leaf)] as const)));
};

const bytesOf = ({ data }: HostArray): Uint8Array =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** A checksum of all arrays and the record; the order of arrays in the file does not matter. */
const checksum = (arrays: ReadonlyMap<string, HostArray>, record: string): string => {
  const names = [...arrays.keys()].sort();
  const start = crc32(new TextEncoder().encode(names.join('\n') + record));
  return names.reduce((sum, name) => crc32(bytesOf(arrays.get(name) as HostArray), sum), start).toString(16);
};

/**
 * The bytes of a checkpoint.
 * @param metadata  more entries for the file's metadata
 */
export const formatTrainCheckpoint = async (
  state: TrainState,
  record: RunRecord,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> => {
  const arrays = await arraysOfState(state);
  const run = JSON.stringify(record);
  const written = formatSafetensors(arrays, {
    ...metadata,
    format: runFormat,
    run,
    crc32: checksum(arrays, run),
  });
  if (E.isLeft(written)) throw new Error(showCheckpointError(written.left));
  return written.right;
};

const damaged = (problem: string): E.Either<TrainCheckpointError, never> =>
  E.left({ kind: 'damaged', problem });

/** The arrays and the record in the bytes of a checkpoint. */
const parse = (
  bytes: Uint8Array,
): E.Either<
  TrainCheckpointError,
  { readonly arrays: ReadonlyMap<string, HostArray>; readonly record: RunRecord }
> => {
  const read = parseSafetensors(bytes);
  if (E.isLeft(read)) return damaged(showCheckpointError(read.left));
  const { arrays, metadata } = read.right;
  if (metadata.format !== runFormat) {
    return E.left({
      kind: 'misfit',
      problems: [`a safetensors file of another kind: its metadata has no 'format: ${runFormat}'`],
    });
  }
  if (metadata.crc32 !== checksum(arrays, metadata.run ?? ''))
    return damaged('its checksum is not that of its contents');
  const record = parseJson(metadata.run ?? '');
  return E.isLeft(record)
    ? damaged(`its record of the run ${record.left}`)
    : E.right({ arrays, record: record.right as RunRecord });
};

interface Found {
  readonly arrays: ReadonlyMap<string, HostArray>;
  readonly taken: Set<string>;
  readonly problems: string[];
}

/** The array of a name, if it is like the one that the run has there; or else a problem, and the run's own. */
const take = (
  { arrays, taken, problems }: Found,
  name: string,
  like: Pick<Leaf, 'shape' | 'dtype'>,
): HostArray => {
  taken.add(name);
  const array = arrays.get(name);
  const expected = `${like.dtype} ${showShape(like.shape)}`;
  if (!array) problems.push(`'${name}' is missing, expected ${expected}`);
  else if (!sameShape(array.shape, like.shape) || array.dtype !== like.dtype)
    problems.push(`'${name}' is ${array.dtype} ${showShape(array.shape)}, expected ${expected}`);
  return array as HostArray;
};

/** A nest like another, of the file's arrays; nothing is made of them before all of them were found. */
const fill = (found: Found, nest: OptimizerState, name: string): (() => OptimizerState) => {
  if (nest instanceof tf.Tensor) {
    const array = take(found, name, nest);
    return () => toTensor(array);
  }
  if (nest instanceof Leaves) {
    const { layout } = nest;
    const entries = layout.slots.map(
      ({ path, shape }) => [path, take(found, `${name}/${path}`, { shape, dtype: 'float32' })] as const,
    );
    return () => pack(unflatten(entries), layout);
  }
  const parts = Object.entries(nest).map(
    ([each, part]) => [each, fill(found, part as OptimizerState, `${name}/${each}`)] as const,
  );
  return () =>
    Array.isArray(nest)
      ? parts.map(([, make]) => make())
      : Object.fromEntries(parts.map(([each, make]) => [each, make()]));
};

const fillTree = (found: Found, tree: Tree<Leaf>, prefix: string): Tree<HostArray> =>
  mapWithPath(tree, (path, leaf) =>
    take(found, `${prefix}/${path}`, { shape: leaf.shape, dtype: dtypeOf(leaf) }),
  );

/** Parameters that began as other floats are float32 from the first step on. */
const dtypeOf = ({ dtype }: Leaf): Leaf['dtype'] => (/float/.test(dtype) ? 'float32' : dtype);

/** A checkpoint that was read. */
export interface Restored<S extends OptimizerState> {
  readonly state: TrainState<S>;
  readonly record: RunRecord;
}

/**
 * The train state in the bytes of a checkpoint, which belongs to the step as one that it returned does.
 * @param like  a state of the run that is to go on: it says which arrays there must be. It stays as it is.
 * @returns damaged bytes, or every array that is missing, of another form, or not the run's, by name
 */
export const parseTrainCheckpoint = <S extends OptimizerState>(
  bytes: Uint8Array,
  like: TrainState<S>,
): E.Either<TrainCheckpointError, Restored<S>> => {
  expectTrainState('parseTrainCheckpoint', like);
  const parsed = parse(bytes);
  if (E.isLeft(parsed)) return parsed;
  const { arrays, record } = parsed.right;
  const found: Found = { arrays, taken: new Set(), problems: [] };
  const params = fillTree(found, like.params, 'params');
  const state = fillTree(found, like.state, 'state');
  const optimizer = fill(found, like.optimizer, 'optimizer');
  const ema = like.ema && fill(found, { ...like.ema }, 'ema');
  const step = take(found, 'step', { shape: [], dtype: 'int32' });
  const key = take(found, 'key', { shape: [2], dtype: 'uint32' });
  const extra = [...arrays.keys()].filter((name) => !found.taken.has(name));
  const problems = [...found.problems, ...extra.map((name) => `'${name}' is no array of this run`)];
  if (problems.length > 0) return E.left({ kind: 'misfit', problems, record });
  const made = tidy(() => ({ optimizer: optimizer(), step: toTensor(step), ...(ema && { ema: ema() }) }));
  const restored = { params: params as Params<HostArray>, state, ...made, key: key as HostArray<'uint32'> };
  return E.right({ state: own(restored as unknown as TrainState<S>, made), record });
};
