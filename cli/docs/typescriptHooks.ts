/**
 * Hooks by which any Node reads a person's TypeScript: types are removed and everything stays on its line. `renga` is
 * the package whose command runs, so that a model and the command share one; packages that it depends on are found
 * beside it if the file has none of its own. Runs in Node's thread for hooks (`module.register`).
 */
import { readFile } from 'node:fs/promises';
import type { LoadHook, ResolveHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { withoutTypes } from './withoutTypes.js';

const isTypeScript = (url: string): boolean => /^file:.*\.m?ts$/.test(url);

const isRenga = (specifier: string): boolean => specifier === 'renga' || specifier.startsWith('renga/');

const isRelative = (specifier: string): boolean => /^\.\.?\//.test(specifier);

const isNotFound = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';

/** `./layer.js` in TypeScript is `./layer.ts` where there is no such JavaScript. */
const asTypeScript = (specifier: string): string => specifier.replace(/\.(m?)js$/, '.$1ts');

/** Other places for a module that was not found: pairs of a specifier and its parent. */
const elsewhere = (specifier: string, parent: string | undefined): readonly [string, string | undefined] =>
  isRelative(specifier) ? [asTypeScript(specifier), parent] : [specifier, import.meta.url];

/** Resolves a module's address. */
export const resolve: ResolveHook = async (specifier, context, next) => {
  if (isRenga(specifier)) return next(specifier, { ...context, parentURL: import.meta.url });
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const [other, parentURL] = elsewhere(specifier, context.parentURL);
    try {
      return await next(other, { ...context, parentURL });
    } catch {
      throw error;
    }
  }
};

/** Loads a module's source. */
export const load: LoadHook = async (url, context, next) => {
  if (!isTypeScript(url)) return next(url, context);
  const path = fileURLToPath(url);
  return { format: 'module', source: withoutTypes(await readFile(path, 'utf8'), path), shortCircuit: true };
};
