/** Node's path functions as the runner of goldens uses them, in a page. */
export const join = (...parts: readonly string[]): string => parts.join('/');
export const basename = (path: string): string => path.replace(/\/+$/, '').replace(/^.*\//, '');
export const dirname = (path: string): string => path.replace(/\/[^/]*$/, '');
export const extname = (path: string): string => /\.[^./]*$/.exec(path)?.[0] ?? '';
