/**
 * Errors of files, as data: a file that cannot be read or written, and bytes that are not what their format allows.
 * `refuse` throws an error; `attempt` and `inFile` around it give it back as a left. Folders that read more than files
 * have errors of their own, which `errorsOf` makes refusable in the same way.
 */
import * as E from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { printable } from '../data/printable.js';

/** A file that cannot be read or written. */
export interface FileError {
  readonly kind: 'io';
  readonly path: string;
  /** A sentence without its subject, the file; or the thing that was found, where `expected` says what there should be. */
  readonly problem: string;
  readonly expected?: string;
}

/** Bytes that are not what their format allows; offsets count from the start of the file (npy: of the entry). */
export interface FormatError<Format extends string = string> {
  readonly kind: Format;
  readonly offset: number;
  readonly problem: string;
  /** The file of an archive or of a set that the offset is in. */
  readonly entry?: string;
}

/** An error told apart from others by its kind. */
interface Refused {
  readonly kind: string;
}

/** An error thrown, for the `attempt` around it; whoever reads an array of a changed file meets it as it is. */
class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly error: Refused,
    message: string,
  ) {
    super(message);
  }
}

/** The errors of one kind of work. */
interface Errors<E extends Refused> {
  /** Throws an error. */
  readonly refuse: (error: E) => never;
  /** The result of a reader, or what it refused; other errors are thrown on. */
  readonly attempt: <A>(read: () => A) => E.Either<E, A>;
  /** The error that was refused, of something thrown; undefined for an error of another kind. */
  readonly errorOf: (thrown: unknown) => E | undefined;
}

/** `refuse` and `attempt` for errors that `show` tells to a person. */
export const errorsOf = <E extends Refused>(show: (error: E) => string): Errors<E> => {
  const errorOf = (thrown: unknown) => (thrown instanceof Refusal ? (thrown.error as E) : undefined);
  return {
    refuse: (error) => {
      throw new Refusal(error, show(error));
    },
    attempt: (read) => {
      try {
        return E.right(read());
      } catch (thrown) {
        const refused = errorOf(thrown);
        if (refused) return E.left(refused);
        throw thrown;
      }
    },
    errorOf,
  };
};

const longestName = 200;

/** A name for a message; an archive can spell 65,535 bytes of one. */
const shortened = (name: string): string =>
  name.length > longestName ? `${name.slice(0, longestName)}…` : name;

/** One message for a person, fit for a terminal whatever the file says: the place, and the problem. */
export const showFileError = (error: FileError | FormatError): string => {
  if ('path' in error) {
    const { path, problem, expected } = error;
    const said = expected === undefined ? problem : `found ${problem}, expected ${expected}`;
    return printable(path === '' ? said : `${path}: ${said}`);
  }
  const entry = error.entry === undefined ? '' : ` of entry ${JSON.stringify(shortened(error.entry))}`;
  return printable(`at byte ${error.offset}${entry}: ${error.problem}`);
};

const errors: Errors<FileError | FormatError> = /* @__PURE__ */ errorsOf(showFileError);

/** Throws an error of a file or of its format. */
export const refuse: (error: FileError | FormatError) => never = errors.refuse;

/**
 * Throws the problem of a file.
 * @param path  the file's path; the path that the surrounding `inFile` names when empty or not given
 * @param expected  the thing that there should be, if the problem is the thing that was found
 */
export const refuseFile = (problem: string, path = '', expected?: string): never =>
  refuse({ kind: 'io', path, problem, ...(expected !== undefined && { expected }) });

/** The words for what an error expects: of a file that is read, and of one that is written. */
export const [aFile, aPlace] = ['a file that can be read', 'a place for a file'] as const;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EISDIR: 'a directory',
  EEXIST: 'a file of this name',
  ENOTDIR: 'a part of the path that is not a directory',
  ENAMETOOLONG: 'a name that is too long',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'no space left in the quota',
  EFBIG: 'a file larger than is allowed',
  EROFS: 'a read-only disk',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  ELOOP: 'symbolic links that lead in a circle',
  ENOTEMPTY: 'a folder with files in it',
  EBUSY: 'a file that another program uses',
  ETXTBSY: 'a program that runs',
  EIO: 'a disk that cannot be read or written',
};

/** The words in a message of Node: `EPROTO: protocol error, read` to `protocol error`. */
const wordsOf = (message: string): string =>
  /^E[A-Z0-9]+: (.+), [a-z]+(?: '|$)/.exec(message)?.[1] ?? message;

/** The reason, in words, for which the file system refused something; undefined for an error of another kind. */
export const reasonOf = (error: unknown): string | undefined => {
  const refused = errors.errorOf(error);
  if (refused?.kind === 'io') return refused.problem;
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return reasons[String(error.code)] ?? wordsOf(error.message);
};

/** One message for a person about something that the system refused; undefined for an error of another kind. */
export const showSystemError = (error: unknown): string | undefined => {
  if (!(error instanceof Error) || !('syscall' in error)) return undefined;
  const reason = reasonOf(error);
  if (reason === undefined || reason === error.message) return undefined;
  const path = 'path' in error ? String(error.path) : 'the system';
  return showFileError({ kind: 'io', path, problem: `found ${reason}` });
};

/** The message of something thrown, for a person. */
export const messageOf = (thrown: unknown): string =>
  showSystemError(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));

/**
 * Throws an error again, with the path of the file that it is about where it is an error of a file.
 * @param expected  the thing that there should be, in the place of what the system refused
 */
export const blame = (path: string, error: unknown, expected: string = aFile): never => {
  const refused = errors.errorOf(error);
  const problem = refused === undefined || refused.kind === 'io' ? reasonOf(error) : undefined;
  if (problem === undefined) throw error;
  const own = refused as FileError | undefined;
  return refuseFile(problem, own?.path || path, own ? own.expected : expected);
};

/**
 * Runs work on a file; an error that was refused, or that the file system gave, becomes a left.
 * @param expected  the thing that there should be at the path: a file that can be read if not given
 */
export const inFile =
  <A, Other extends Refused = never>(
    path: string,
    run: () => Promise<A>,
    expected: string = aFile,
  ): TE.TaskEither<FileError | Other, A> =>
  async () => {
    try {
      return E.right(await run().catch((error: unknown) => blame(path, error, expected)));
    } catch (error) {
      const refused = errors.errorOf(error);
      if (refused === undefined) throw error;
      return E.left(refused as FileError | Other);
    }
  };
