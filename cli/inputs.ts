/**
 * Inputs that a person names on the command line: files, folders, patterns and the standard input. Each is read when its
 * turn comes.
 */
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type InputError, inputError, showInputError } from '../lib/data/inputError.js';
import { readBytes, readStandardInput } from '../lib/files/bytes.js';
import { isFrameName } from '../lib/media/film.js';
import { Failure, runOrFail } from './failure.js';
import { unlessInterrupted } from './interrupt.js';
import { withTemporaryFolder } from './temporaryFolder.js';

/** An input, by the name that results and errors give it. */
export interface Input {
  readonly name: string;
  /** Undefined for the standard input, and for texts. */
  readonly path?: string;
  readonly bytes: TaskEither<InputError, Uint8Array>;
}

/** A kind of files that a folder is searched for. */
export interface FileKind {
  /** The files, in the plural: 'pictures'. */
  readonly called: string;
  /** Endings of names, without the dot. */
  readonly endings: readonly string[];
}

/** The argument that stands for the standard input. */
export const standardInput = '-';

const called = 'the standard input';
const inputOfStandardInput: Input = { name: called, bytes: readStandardInput(called) };

const fileAt = (path: string): Input => ({ name: path, path, bytes: readBytes(path) });

/** Names in the order of the numbers in them: `a9` before `a10`. */
const byNumber = new Intl.Collator('en', { numeric: true }).compare;

const isHidden = (name: string): boolean => name.startsWith('.');

const filesOfFolder = async (folder: string, { called, endings }: FileKind): Promise<readonly Input[]> => {
  const names = (await readdir(folder))
    .filter((name) => !isHidden(name) && endings.some((ending) => name.toLowerCase().endsWith(`.${ending}`)))
    .sort(byNumber);
  if (names.length > 0) return names.map((name) => fileAt(join(folder, name)));
  const expected = `files that end in ${endings.map((ending) => `.${ending}`).join(', ')}`;
  return [{ name: folder, bytes: TE.fromEither(inputError(folder, `a folder without ${called}`, expected)) }];
};

/** Pieces of a pattern as pieces of a regular expression; each stays within one name of a path. */
const pieces: readonly (readonly [RegExp, (text: string) => string])[] = [
  [/^\*/, () => '[^/]*'],
  [/^\?/, () => '[^/]'],
  [/^\[[^\]/]+\]/, (text) => text.replace(/^\[!/, '[^').replaceAll('\\', '\\\\')],
  [/^\{[^{}/]+\}/, (text) => `(?:${text.slice(1, -1).split(',').map(patternSource).join('|')})`],
];

const patternSource = (pattern: string): string => {
  for (const [piece, write] of pieces) {
    const [found] = piece.exec(pattern) ?? [];
    if (found !== undefined) return write(found) + patternSource(pattern.slice(found.length));
  }
  return pattern === ''
    ? ''
    : pattern[0].replace(/[\\^$.*+?()[\]{}|]/, '\\$&') + patternSource(pattern.slice(1));
};

const isPattern = (name: string): boolean => /[*?[{]/.test(name);

/** Paths below a folder that the rest of a pattern matches; `**` stands for folders of any depth. */
const matchesIn = async (folder: string, [first, ...rest]: readonly string[]): Promise<readonly string[]> => {
  const at = (name: string) =>
    folder === '' ? name : folder.endsWith('/') ? folder + name : `${folder}/${name}`;
  if (!isPattern(first)) return rest.length > 0 ? matchesIn(at(first), rest) : existing(at(first));
  const entries = await readdir(folder === '' ? '.' : folder, { withFileTypes: true }).catch(() => []);
  const seen = entries.filter(({ name }) => !isHidden(name)).sort((a, b) => byNumber(a.name, b.name));
  if (first === '**') {
    const here = rest.length > 0 ? await matchesIn(folder, rest) : seen.map(({ name }) => at(name));
    const folders = seen.filter((entry) => entry.isDirectory());
    const below = await Promise.all(folders.map(({ name }) => matchesIn(at(name), [first, ...rest])));
    return [...here, ...below.flat()];
  }
  const expression = new RegExp(`^${patternSource(first)}$`);
  const found = seen.filter(({ name }) => expression.test(name)).map(({ name }) => at(name));
  if (rest.length === 0) return found;
  return (await Promise.all(found.map((path) => matchesIn(path, rest)))).flat();
};

const kindOf = async (path: string): Promise<'file' | 'folder' | undefined> => {
  const found = await stat(path).catch(() => undefined);
  return found && (found.isDirectory() ? 'folder' : 'file');
};

const existing = async (path: string): Promise<readonly string[]> => ((await kindOf(path)) ? [path] : []);

/** The files that a pattern matches, folders left out. */
const filesOfPattern = async (pattern: string): Promise<readonly Input[]> => {
  const parts = pattern.split(sep === '\\' ? /[\\/]/ : '/');
  const isRooted = parts[0] === '';
  const paths = await matchesIn(isRooted ? '/' : '', isRooted ? parts.slice(1) : parts);
  const kinds = await Promise.all(paths.map(kindOf));
  return paths.filter((_, i) => kinds[i] === 'file').map(fileAt);
};

const inputsOf = async (name: string, kind: FileKind): Promise<readonly Input[]> => {
  if (name === standardInput) return [inputOfStandardInput];
  const found = await kindOf(name);
  if (found === 'folder') return filesOfFolder(name, kind);
  const matched = found === undefined && isPattern(name) ? await filesOfPattern(name) : [];
  // A name without a match is read as it is: the error says that there is no such file.
  return matched.length > 0 ? matched : [fileAt(name)];
};

/**
 * The inputs of arguments, in their order: files, the files of folders by their endings, the files that a pattern (`*`,
 * `?`, `[a-z]`, `{png,jpg}`, `**`) matches, and `-` for the standard input.
 */
export const namedInputs = async (names: readonly string[], kind: FileKind): Promise<readonly Input[]> =>
  (await Promise.all(names.map((name) => inputsOf(name, kind)))).flat();

/** Pictures by their endings; HEIC is among them, so that it is refused by name and not passed over. */
export const pictureFiles: FileKind = {
  called: 'pictures',
  endings: ['png', 'jpg', 'jpeg', 'gif', 'bmp', 'webp', 'avif', 'tif', 'tiff', 'heic', 'heif'],
};

/** Films by their endings. */
export const filmFiles: FileKind = {
  called: 'films',
  endings: ['mp4', 'm4v', 'mov', 'webm', 'mkv', 'avi', 'gif'],
};

/** Sounds by their endings, and films, which have sound. */
export const soundFiles: FileKind = {
  called: 'sounds',
  endings: [
    'wav',
    'mp3',
    'flac',
    'ogg',
    'oga',
    'opus',
    ...filmFiles.endings.filter((ending) => ending !== 'gif'),
  ],
};

const isFolderOfFrames = async (name: string): Promise<boolean> =>
  (await kindOf(name)) === 'folder' && (await readdir(name)).some(isFrameName);

/** Inputs that are films: a folder of pictures is one film. */
export const namedFilms = async (names: readonly string[]): Promise<readonly Input[]> =>
  (
    await Promise.all(
      names.map(async (name) =>
        (await isFolderOfFrames(name)) ? [fileAt(name)] : inputsOf(name, filmFiles),
      ),
    )
  ).flat();

/** Lines of the standard input in the place of `-`, and the other texts as they are. */
export const namedTexts = async (given: readonly string[]): Promise<readonly string[]> => {
  if (!given.includes(standardInput)) return given;
  const bytes = await runOrFail(showInputError, inputOfStandardInput.bytes);
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  const texts = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  return given.flatMap((text) => (text === standardInput ? texts : [text]));
};

/** The beginning of a text, as errors name it. */
export const nameOfText = (text: string): string => `'${text.length > 40 ? `${text.slice(0, 39)}…` : text}'`;

/** A text given on the command line. */
export const inputOfText = (text: string): Input => ({
  name: nameOfText(text),
  bytes: TE.right(new TextEncoder().encode(text)),
});

/** Uses an input by its path; the standard input is a temporary file meanwhile. */
export const withPath = async <A>(
  { name, path, bytes }: Input,
  use: (path: string) => Promise<A>,
): Promise<A> => {
  if (path !== undefined) return use(path);
  return withTemporaryFolder('renga-input', async (folder, signal) => {
    const file = join(folder, 'input');
    try {
      await writeFile(file, await runOrFail(showInputError, bytes));
      return await unlessInterrupted(signal, use(file));
    } catch (error) {
      if (error instanceof Failure) throw new Failure(error.message.replaceAll(file, name));
      throw error;
    }
  });
};
