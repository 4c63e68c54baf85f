/**
 * Node's file system, where there is one. In a page everything but this works: bundlers follow no import whose name is
 * computed.
 */
import { refuseFile } from './error.js';

export interface FileSystem {
  readonly fs: typeof import('node:fs');
  readonly path: typeof import('node:path');
}

/** The file system; refused in a page. */
export const fileSystem = async (): Promise<FileSystem> => {
  const [fs, path] = ['fs', 'path'].map((name) => ['node', name].join(':'));
  try {
    return {
      fs: (await import(/* @vite-ignore */ /* webpackIgnore: true */ fs)) as FileSystem['fs'],
      path: (await import(/* @vite-ignore */ /* webpackIgnore: true */ path)) as FileSystem['path'],
    };
  } catch {
    return refuseFile('there is no file system here; read the bytes and use parseCheckpoint');
  }
};
