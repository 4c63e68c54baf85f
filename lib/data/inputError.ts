/**
 * Errors in a person's input to a model: the part of the input, what was found, what was expected.
 */
import * as E from 'fp-ts/lib/Either.js';
import { few } from './few.js';

/** A person's input that a model cannot take. */
export interface InputError {
  readonly kind: 'input';
  /** The part of the input: `picture`, say. */
  readonly where: string;
  readonly found: string;
  readonly expected: string;
}

/** An input error as a left. */
export const inputError = (where: string, found: string, expected: string): E.Either<InputError, never> =>
  E.left({ kind: 'input', where, found, expected });

/** An input error as a line of text. */
export const showInputError = ({ where, found, expected }: InputError): string =>
  `${where}: found ${found}, expected ${expected}`;

/** Input errors as text, the first ten of many. */
export const showInputErrors = (problems: readonly InputError[], between = '\n'): string =>
  few(problems.map(showInputError)).join(between);
