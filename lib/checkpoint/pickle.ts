/**
 * Reads a pickle without running it: bytes to data, or the first thing that is refused and where.
 *
 * What comes out has no cycles and at most a hundred levels, so it can be walked by recursion. Arrays are views of
 * the bytes given.
 */
import type { either as E } from 'fp-ts';
import type { CheckpointError } from './error.js';
import { attempt, refuse } from './error.js';
import { FileArray } from './fileArray.js';
import { checkBounds } from './pickleBounds.js';
import type { MachineOptions } from './pickleMachine.js';
import { Machine } from './pickleMachine.js';
import { opcodes, stop } from './pickleOpcodes.js';
import type { PickleValue } from './pickleValue.js';
import type { Source } from '../files/source.js';

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
  if (from.length === 0) refuse({ kind: 'pickle', offset: 0, problem: 'an empty file' });
  const machine = new Machine(from, options);
  const value = run(machine);
  checkBounds(value, machine.cursor);
  return value;
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

/** Protocols 2 and up begin with 0x80; what 0 and 1 begin with here is a mapping or a tuple, or a name. */
const checkBeginning = (first: number, m: Machine): void => {
  if (first !== 0x80 && !'(}])cNKMJILFGSUTVX.'.includes(String.fromCharCode(first))) m.refuse('not a pickle');
};

const finish = (m: Machine): PickleValue => {
  const value = m.pop();
  if (value instanceof FileArray && !value.isFilled) m.refuse('an array that never gets its elements');
  if (m.cursor.left > 0) {
    m.cursor.start = m.cursor.offset;
    m.refuse(`${m.cursor.left} bytes after the end of the pickle`);
  }
  return value;
};
