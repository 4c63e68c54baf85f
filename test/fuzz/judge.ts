/** The verdict on a mutant: a tree with every array in place, a refusal, or a fault. */
import * as E from 'fp-ts/lib/Either.js';
import type { HostArray } from '../../lib/data/array.js';
import { sizeOf } from '../../lib/data/array.js';
import type { Checkpoint, CheckpointError } from '../../lib/checkpoint/index.js';
import { unzip } from '../../lib/files/unzip.js';
import { parseOrbax, readSource } from '../../lib/checkpoint/checkpoint.js';
import { attempt } from '../../lib/checkpoint/error.js';
import { parseCheckpoint, parseNpy, parseShards, showCheckpointError } from '../../lib/checkpoint/index.js';
import { flatten } from '../../lib/data/tree.js';
import { takeCount } from './allocation.js';
import { type FuzzFormat, shard } from './corpus.js';

type Arrays = readonly HostArray[];

const leavesOf = ({ params, state }: Checkpoint): Arrays =>
  [...flatten(params), ...flatten(state)].map(([, leaf]) => leaf);

/** An archive's files as a folder of Orbax; its arrays are unpacked when they are asked for, as `readCheckpoint` does at once. */
const readOrbax = (bytes: Uint8Array): E.Either<CheckpointError, Arrays> =>
  E.chain((files: ReadonlyMap<string, Uint8Array>) =>
    E.chain((checkpoint: Checkpoint) =>
      attempt(() =>
        leavesOf(checkpoint).map(({ shape, dtype, data }) => ({ shape, dtype, data }) as HostArray),
      ),
    )(parseOrbax(files)),
  )(attempt(() => new Map(unzip(bytes))));

const read = (format: FuzzFormat, bytes: Uint8Array): E.Either<CheckpointError, Arrays> => {
  if (format === 'npy') return E.map((array: HostArray) => [array])(parseNpy(bytes));
  if (format === 'index') return E.map(leavesOf)(parseShards(bytes, new Map([[shard.name, shard.bytes]])));
  if (format === 'orbax') return readOrbax(bytes);
  return E.map(leavesOf)(parseCheckpoint(bytes));
};

/** The same by offset, as of a file that is opened and not read. */
const readByOffset = (bytes: Uint8Array): E.Either<CheckpointError, Arrays> => {
  const read = (offset: number, length: number) => bytes.slice(offset, offset + length);
  return E.map(leavesOf)(attempt(() => readSource({ length: bytes.length, read })));
};

/** The verdict on a mutant. */
export interface Verdict {
  /** `read`, the kind of the refusal, or `crash`. */
  readonly outcome: 'read' | CheckpointError['kind'] | 'crash';
  /** The refusal, a summary of what was read, or what went wrong. */
  readonly told: string;
  /** Of the processor's time. */
  readonly milliseconds: number;
  /** Of the buffers made to read it, the file's own not among them. */
  readonly allocated: number;
}

/** Milliseconds that are measured again. */
const slow = 500;

const timed = <A>(run: () => A): { readonly made: A; readonly milliseconds: number } => {
  const start = process.cpuUsage();
  const made = run();
  const { user, system } = process.cpuUsage(start);
  return { made, milliseconds: (user + system) / 1000 };
};

/** Reads a mutant and uses every array of it; by offset, where that is another way, it must come to the same. */
export const judge = (format: FuzzFormat, bytes: Uint8Array): Verdict => {
  takeCount();
  const first = timed(() => outcomeOf(() => read(format, bytes)));
  const allocated = takeCount();
  const { made: inMemory } = first;
  // Collecting what came before takes time, too: what is slow twice is slow.
  const milliseconds =
    first.milliseconds > slow
      ? Math.min(first.milliseconds, timed(() => outcomeOf(() => read(format, bytes))).milliseconds)
      : first.milliseconds;
  const isAnotherWay = !['npy', 'index', 'orbax'].includes(format);
  const byOffset = isAnotherWay ? outcomeOf(() => readByOffset(bytes)) : inMemory;
  if (byOffset.told === inMemory.told) return { ...inMemory, milliseconds, allocated };
  const told = `${inMemory.told}; by offset: ${byOffset.told}`;
  return { outcome: 'crash', told, milliseconds, allocated };
};

const outcomeOf = (run: () => E.Either<CheckpointError, Arrays>): Pick<Verdict, 'outcome' | 'told'> => {
  try {
    const result = run();
    const problem = E.isLeft(result) ? unsoundRefusal(result.left) : unsoundArrays(result.right);
    if (problem !== undefined) return { outcome: 'crash', told: problem };
    if (E.isRight(result)) return { outcome: 'read', told: result.right.map(summary).join() };
    return { outcome: result.left.kind, told: showCheckpointError(result.left) };
  } catch (thrown) {
    return { outcome: 'crash', told: thrown instanceof Error ? String(thrown.stack) : String(thrown) };
  }
};

const summary = ({ dtype, shape, data }: HostArray): string =>
  `${dtype} [${shape.join()}] ${String(data.slice(0, 4))}`;

const longestMessage = 20_000;

const unsoundRefusal = (error: CheckpointError): string | undefined => {
  const { length } = showCheckpointError(error);
  return length === 0 || length > longestMessage ? `a message of ${length} characters` : undefined;
};

const unsoundArrays = (arrays: Arrays): string | undefined => {
  const wrong = arrays.find(({ shape, data }) => data.length !== sizeOf(shape));
  if (wrong) return `an array of shape [${wrong.shape.join(', ')}] with ${wrong.data.length} elements`;
  return Object.keys(Object.prototype).length > 0 ? 'a polluted prototype' : undefined;
};
