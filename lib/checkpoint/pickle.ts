/**
 * Reads a pickle without running it: bytes to data, or the first thing that is refused and where.
 *
 * The value has no cycles and at most a hundred levels, so it can be walked by recursion. Arrays are views of
 * the bytes given.
 */
import type * as E from 'fp-ts/lib/Either.js';
import type { CheckpointError } from './error.js';
import { attempt, refuse } from './error.js';
import { FileArray } from './fileArray.js';
import { checkBounds } from './pickleBounds.js';
import type { MachineOptions } from './pickleMachine.js';
import { Machine } from './pickleMachine.js';
import { opcodes, stop } from './pickleOpcodes.js';
import type { PickleValue } from './pickleValue.js';
import { type Source, sourceOf, within } from '../files/source.js';

/**
 * The value of a pickle of protocol 0 to 5.
 *
 * Nothing is imported or called: names that are not on the allow-list are refused, and so are cycles, object arrays,
 * sizes that the file does not hold, and bytes after the end.
 */
export const parsePickle = (bytes: Uint8Array): E.Either<CheckpointError, PickleValue> =>
  attempt(() => readPickle(bytes));

/**
 * `parsePickle` for the inside of an `attempt`; the elements of large arrays stay where they are. Other programs'
 * pickles have a dialect.
 */
export const readPickle = (from: Uint8Array | Source, options: MachineOptions = {}): PickleValue => {
  const { value, end } = readNextPickle(from, options);
  const left = from.length - end;
  if (left > 0) refuse({ kind: 'pickle', offset: end, problem: `${left} bytes after the end of the pickle` });
  return value;
};

/** Pickles one after the other: the value of the only one, or a tuple of their values. */
export const readPickles = (from: Uint8Array | Source): PickleValue => {
  const source = sourceOf(from);
  const values: PickleValue[] = [];
  for (let at = 0; at < source.length || values.length === 0;) {
    if (values.length === mostPickles) return readPickle(within(source, at, source.length - at));
    const isNext = at > 0 && source.read(at, 1)[0] !== 0x80;
    if (isNext)
      refuse({
        kind: 'pickle',
        offset: at,
        problem: `${source.length - at} bytes after the end of the pickle`,
      });
    const { value, end } = readNextPickle(within(source, at, source.length - at));
    values.push(value);
    at += end;
  }
  return values.length === 1 ? values[0] : { kind: 'tuple', offset: 0, items: values };
};

/** Programs call `pickle.dump` a few times on one file; each pickle has bounds of its own. */
const mostPickles = 16;

/** The pickle that a file begins with, and the offset at which it ends. */
export const readNextPickle = (
  from: Uint8Array | Source,
  options: MachineOptions = {},
): { readonly value: PickleValue; readonly end: number } => {
  if (from.length === 0) refuse({ kind: 'pickle', offset: 0, problem: 'an empty file' });
  const machine = new Machine(from, options);
  const value = machine.withReplacements(run(machine));
  const end = machine.cursor.offset;
  checkBounds(value, machine.cursor);
  return { value, end };
};

const run = (m: Machine): PickleValue => {
  const { cursor } = m;
  checkBeginning(cursor.source.read(0, 1)[0], m);
  for (;;) {
    cursor.start = cursor.offset;
    const code = cursor.uint8();
    if (code === stop) return finish(m);
    const step = opcodes[code];
    if (step) step(m);
    else m.refuse(`unknown opcode 0x${code.toString(16).padStart(2, '0')}`);
  }
};

/** The problem of bytes that begin as no pickle does. */
export const noPickle = 'not a pickle';

/** Protocols 2 and up begin with 0x80; what 0 and 1 begin with here is a mapping or a tuple, or a name. */
const checkBeginning = (first: number, m: Machine): void => {
  if (first !== 0x80 && !'(}])cNKMJILFGSUTVX.'.includes(String.fromCharCode(first))) m.refuse(noPickle);
};

const finish = (m: Machine): PickleValue => {
  const value = m.pop();
  if (value instanceof FileArray && !value.isFilled) m.refuse('an array that never gets its elements');
  return value;
};
