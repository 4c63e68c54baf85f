/**
 * A file on its way: what has come so far, beside the place that it is for, and notes of what it is a part of, so that
 * another try, of this process or of a later one, begins where this one ended.
 */
import type { FileHandle } from 'node:fs/promises';
import { open, readFile, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../files/makeFolder.js';
import type { Digest } from './digest.js';
import { refuse } from './error.js';

/** The file that a part belongs to. */
export interface Notes {
  readonly url: string;
  /** The strong entity tag with which the server knows it again. */
  readonly tag?: string;
  /** The whole file's bytes. */
  readonly size?: number;
  readonly digest?: Digest;
}

export class PartialFile {
  /** The path of the bytes, for their check. */
  readonly path: string;
  #notes: Notes;
  #length = 0;
  #losses = 0;

  private constructor(
    private readonly target: string,
    private readonly file: FileHandle,
    notes: Notes,
  ) {
    this.path = partOf(target);
    this.#notes = notes;
  }

  /** Opens the bytes that an earlier try left, or an empty file. */
  static async open(target: string, url: string): Promise<PartialFile> {
    await makeFolder(dirname(target));
    const notes = await readNotes(notesOf(target));
    const file = await (notes?.url === url ? openAgain(partOf(target)) : open(partOf(target), 'w'));
    const { size } = await file.stat();
    const partial = new PartialFile(target, file, size > 0 && notes ? notes : { url });
    partial.#length = size;
    return partial;
  }

  /** The number of bytes that are there. */
  get length(): number {
    return this.#length;
  }

  get notes(): Notes {
    return this.#notes;
  }

  /** The number of times that fetched bytes were useless. */
  get losses(): number {
    return this.#losses;
  }

  /** Begins anew, with what is known of the file now; refuses what the disk has no room for. */
  async restart(known: Omit<Notes, 'url'>): Promise<void> {
    await this.discard();
    await this.note(known);
    await checkRoom(this.target, known.size ?? 0);
  }

  /** Keeps what is known of the file now. */
  async note(known: Omit<Notes, 'url'>): Promise<void> {
    this.#notes = { ...known, url: this.#notes.url };
    await writeFile(notesOf(this.target), JSON.stringify(this.#notes));
  }

  async append(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      const { bytesWritten } = await this.file.write(chunk, at, chunk.length - at, this.#length);
      at += bytesWritten;
      this.#length += bytesWritten;
    }
  }

  /** Throws away what came. */
  async discard(): Promise<void> {
    if (this.#length > 0) this.#losses++;
    this.#length = 0;
    await this.file.truncate(0);
  }

  /** Puts the whole file under its name. */
  async finish(): Promise<void> {
    await this.file.sync();
    await this.file.close();
    await rename(this.path, this.target);
    await rm(notesOf(this.target), { force: true });
  }

  /** Leaves it to a later try; of nothing, nothing stays. */
  async close(): Promise<void> {
    await this.file.close();
    if (this.#length > 0) return;
    await rm(this.path, { force: true });
    await rm(notesOf(this.target), { force: true });
  }
}

const partOf = (target: string): string => `${target}.partial`;

const notesOf = (target: string): string => `${target}.partial.json`;

const openAgain = (path: string): Promise<FileHandle> =>
  open(path, 'r+').catch((error: Error) => {
    if ('code' in error && error.code === 'ENOENT') return open(path, 'w');
    throw error;
  });

const readNotes = async (path: string): Promise<Notes | undefined> => {
  try {
    const notes = JSON.parse(await readFile(path, 'utf8')) as Notes | null;
    return typeof notes?.url === 'string' ? notes : undefined;
  } catch {
    return undefined; // none, or cut short: the part is begun anew
  }
};

const checkRoom = async (path: string, needed: number): Promise<void> => {
  const { bavail, bsize } = await statfs(dirname(path));
  const free = bavail * bsize;
  if (needed <= free) return;
  refuse({ kind: 'io', path, problem: `${needed} bytes are needed, ${free} are free on the disk` });
};
