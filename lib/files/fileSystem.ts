/**
 * Node's file system, where there is one. In a page everything but this works: bundlers follow no import whose name is
 * computed.
 */
import { refuseFile } from './error.js';

export interface FileSystem {
  readonly fs: typeof import('node:fs');
  readonly path: typeof import('node:path');
  readonly os: typeof import('node:os');
}

/** The file system; refused in a page. */
export const fileSystem = async (): Promise<FileSystem> => {
  const [fs, path, os] = ['fs', 'path', 'os'].map((name) => ['node', name].join(':'));
  try {
    return {
      fs: (await import(/* @vite-ignore */ /* webpackIgnore: true */ fs)) as FileSystem['fs'],
      path: (await import(/* @vite-ignore */ /* webpackIgnore: true */ path)) as FileSystem['path'],
      os: (await import(/* @vite-ignore */ /* webpackIgnore: true */ os)) as FileSystem['os'],
    };
  } catch {
    return refuseFile('there is no file system here; read the bytes and use parseCheckpoint');
  }
};
