/** Files that other programs wrote, and what they read in them; `test/data/media.py` says how they were made. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';

interface Stored {
  readonly name: string;
  readonly file: string;
}

export interface Media {
  readonly pictures: readonly (Stored & {
    readonly width: number;
    readonly height: number;
    readonly rgba: string;
  })[];
  readonly films: readonly (Stored & {
    readonly width: number;
    readonly height: number;
    readonly frames: readonly string[];
  })[];
  readonly sounds: readonly (Stored & { readonly channels: readonly string[] })[];
}

export const media = JSON.parse(readFileSync('test/data/media.json', 'utf8')) as Media;

/** A stored file's bytes by the name of its content. */
export const fileOf = (name: string): Uint8Array => {
  const found = [...media.pictures, ...media.films, ...media.sounds].find((stored) => stored.name === name);
  if (found === undefined) throw new Error(`no file ${name} is stored`);
  return Uint8Array.from(Buffer.from(found.file, 'base64'));
};

/** A folder that is removed when the test is over. */
export const newFolder = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'renga-media-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
