/**
 * Files with classes: a folder with a folder for each class, or a table of files and classes. The files' contents are the
 * business of a reader: pictures, sounds, films, folders of frames.
 */
import { expectKnown } from '../../data/nearest.js';
import { expectOptions, oneOf } from '../options.js';
import * as E from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { few } from '../../data/few.js';
import { type InputError } from '../../data/inputError.js';
import { isRecord } from '../../data/nest.js';
import { kindOf } from '../../data/weights.js';
import { counted } from '../../data/quantities.js';
import { reasonOf } from '../../files/error.js';
import { fileSystem } from '../../files/fileSystem.js';
import { isHidden } from '../../files/isHidden.js';
import { readText } from '../../files/text.js';
import { parseTable } from './table.js';

/** A file, or a folder of frames, and the number of its class. */
export interface LabelledFile {
  readonly path: string;
  readonly label: number;
}

export interface LabelledFiles {
  /** Names of the classes, sorted; a label is a place in this list. */
  readonly classes: readonly string[];
  readonly files: readonly LabelledFile[];
}

const fail = (where: string, found: string, expected: string): E.Either<readonly InputError[], never> =>
  E.left([{ kind: 'input', where, found, expected }]);

const byName = (a: string, b: string): number => (a < b ? -1 : 1);

/** @throws TypeError for what is no path */
const expectPath = (where: string, path: unknown): void => {
  if (typeof path === 'string') return;
  throw new TypeError(`${where}: the path is ${kindOf(path)}, expected a text, such as ${where}('pictures')`);
};

/**
 * The files of a folder by class: `cats/1.png` is of the class `cats`. Hidden files and those of the system, such as
 * `Thumbs.db`, are left out; what lies in a class's folder is one example each, folders too.
 * @returns a left where the folder cannot be read, has fewer than two classes, or a class has no file
 */
export const classFolders = (folder: string): TaskEither<readonly InputError[], LabelledFiles> => {
  expectPath('classFolders', folder);
  return async () => {
    const { fs, path } = await fileSystem();
    try {
      const entries = await fs.promises.readdir(folder, { withFileTypes: true });
      const shown = entries.filter(({ name }) => !isHidden(name));
      const stats = await Promise.all(
        shown.map(({ name }) => fs.promises.stat(path.join(folder, name)).catch(() => undefined)),
      );
      const broken = shown.filter((_, i) => stats[i] === undefined).map(({ name }) => name);
      if (broken.length > 0)
        return fail(
          few(broken.map((name) => path.join(folder, name))).join(', '),
          'a link to nothing, or no right to read',
          'a folder or a file: remove or mend it',
        );
      const classes = shown
        .filter((_, i) => stats[i]?.isDirectory())
        .map(({ name }) => name)
        .sort(byName);
      if (classes.length < 2)
        return fail(
          folder,
          `${counted(classes.length, 'folder')} in it`,
          'a folder for each class, at least 2',
        );
      const files: LabelledFile[] = [];
      for (const [label, name] of classes.entries()) {
        const place = path.join(folder, name);
        const own = (await fs.promises.readdir(place)).filter((each) => !isHidden(each)).sort(byName);
        if (own.length === 0) return fail(place, 'no file', 'at least one file of the class');
        files.push(...own.map((each) => ({ path: path.join(place, each), label })));
      }
      return E.right({ classes, files });
    } catch (reason) {
      return fail(folder, reasonOf(reason) ?? String(reason), 'a folder to read');
    }
  };
};

/** A row of a table of files. */
interface TableRow {
  /** The file's name as the table has it, without blanks around it. */
  readonly file: string;
  readonly path: string;
  readonly label: string;
}

/** Every row that no file of one class can be taken from. */
const problemsOf = (table: string, rows: readonly TableRow[]): readonly InputError[] => {
  const byPath = new Map<string, TableRow[]>();
  for (const row of rows) byPath.set(row.path, [...(byPath.get(row.path) ?? []), row]);
  return [...byPath.values()].flatMap((same): readonly InputError[] => {
    const where = `${table}, the line of '${same[0].file}'`;
    if (same.some(({ label }) => label === ''))
      return [{ kind: 'input', where, found: 'an empty label', expected: 'the name of a class' }];
    if (same.length === 1) return [];
    const labels = [...new Set(same.map(({ label }) => `'${label}'`))].join(' and ');
    const found = `${same.length} lines of the same file, of the label ${labels}`;
    return [{ kind: 'input', where, found, expected: 'one line for each file' }];
  });
};

/** The first file whose name has backslashes where folders are separated by others, and that is not there by that name. */
const withBackslashes = async (rows: readonly TableRow[]): Promise<string | undefined> => {
  const { fs, path } = await fileSystem();
  if (path.sep === '\\') return undefined;
  return rows.find((row) => row.file.includes('\\') && !fs.existsSync(row.path))?.file;
};

/**
 * The files of a table with the columns `file` and `label`: CSV, or TSV where its name ends in `.tsv`. Names of files
 * count from the table's folder. Blanks around names and labels are left out.
 * @returns a left with every line that does not fit, has no label or has the file of another one; or where there are fewer
 *   than two classes
 */
export const classTable = (table: string): TaskEither<readonly InputError[], LabelledFiles> => {
  expectPath('classTable', table);
  return async () => {
    const text = await readText(table)();
    if (E.isLeft(text)) return E.left([text.left]);
    const { path } = await fileSystem();
    const separator = table.endsWith('.tsv') ? '\t' : ',';
    const parsed = parseTable(table, text.right, separator, ['file', 'label']);
    if (E.isLeft(parsed)) return parsed;
    const rows = parsed.right.rows.map((row): TableRow => {
      const [file, label] = [row.file.trim(), row.label.trim()];
      return { file, label, path: path.resolve(path.dirname(table), file) };
    });
    const problems = problemsOf(table, rows);
    if (problems.length > 0) return E.left(problems);
    const classes = [...new Set(rows.map(({ label }) => label))].sort(byName);
    if (classes.length < 2)
      return fail(table, counted(classes.length, 'label'), 'at least 2 different ones in the column `label`');
    const foreign = await withBackslashes(rows);
    if (foreign !== undefined)
      return fail(
        table,
        `backslashes between folders, as in '${foreign}'`,
        'slashes, and files that are there',
      );
    const files = rows.map((row) => ({ path: row.path, label: classes.indexOf(row.label) }));
    return E.right({ classes, files });
  };
};

export interface ReadableOptions {
  /** `skip` leaves damaged files out and names them; `stop` fails with all of them. */
  readonly onDamaged: 'skip' | 'stop';
  readonly onProgress?: (done: number, of: number) => void;
}

/** Files that can be read, and the errors of those that cannot. */
export interface Readable extends LabelledFiles {
  readonly damaged: readonly InputError[];
}

/** The kind of what was given in the place of files with classes. */
const foundAs = (given: unknown): string => {
  if (typeof given === 'function') return 'a function: call it, and wait for its result';
  if (typeof given === 'object' && given !== null && '_tag' in given)
    return given._tag === 'Right' ? 'an Either: give its `right`' : 'an error: look at its `left`';
  return kindOf(given);
};

/** @throws TypeError for what is no files with classes, reader or options */
const expectReadable = (files: unknown, read: unknown, options: unknown): void => {
  const isFiles = isRecord(files) && Array.isArray(files.classes) && Array.isArray(files.files);
  if (!isFiles)
    throw new TypeError(
      `readable: the files are ${foundAs(files)}; expected { classes, files }, as the \`right\` of await classFolders(folder)()`,
    );
  if (typeof read !== 'function')
    throw new TypeError(
      `readable: the reader is ${kindOf(read)}, expected one of a path, such as readPicture`,
    );
  if (!isRecord(options))
    throw new TypeError(
      `readable: the options are ${kindOf(options)}, expected { onDamaged: 'skip' } or 'stop'`,
    );
};

/**
 * Reads every file once, one after the other, and keeps those that can be read.
 * @param read  the reader of a file, such as `readPicture`, `readSound` or `readFrames`
 * @returns a left with the damaged files where they stop a run, and where no file of a class is left
 * @throws TypeError for what is no files with classes, such as the Either around them, and for what is no reader
 * @example await readable(files, readPicture, { onDamaged: 'skip' })()
 */
export const readable = (
  labelled: LabelledFiles,
  read: (path: string) => TaskEither<InputError, unknown>,
  options: ReadableOptions,
): TaskEither<readonly InputError[], Readable> => {
  expectReadable(labelled, read, options);
  const { classes, files } = labelled;
  const { onDamaged, onProgress } = options;
  expectKnown('readable', options, ['onDamaged', 'onProgress']);
  expectOptions('readable', { onDamaged: [onDamaged, oneOf('skip', 'stop')] });
  return async () => {
    const kept: LabelledFile[] = [];
    const damaged: InputError[] = [];
    for (const [i, file] of files.entries()) {
      const result = await read(file.path)();
      if (E.isLeft(result)) damaged.push(result.left);
      else kept.push(file);
      onProgress?.(i + 1, files.length);
    }
    if (onDamaged === 'stop' && damaged.length > 0)
      return E.left([
        {
          kind: 'input',
          where: 'the files',
          found: `${counted(damaged.length, 'file')} that cannot be read`,
          expected: "none: remove them, or leave them out by onDamaged 'skip' (--on-damaged skip)",
        },
        ...damaged,
      ]);
    const empty = classes.filter((_, label) => kept.every((file) => file.label !== label));
    const none = empty.map((name): InputError => ({
      kind: 'input',
      where: `the class '${name}'`,
      found: 'no file that can be read',
      expected: 'at least one',
    }));
    return none.length > 0 ? E.left([...none, ...damaged]) : E.right({ classes, files: kept, damaged });
  };
};
