/** A program without its types. What only TypeScript can compute, as enums, is refused, as Node itself does. */
import { transformSync } from '@swc/wasm-typescript';

interface Complaint {
  readonly message: string;
  readonly startLine?: number;
  readonly startColumn?: number;
}

/**
 * TypeScript as JavaScript: types become spaces, so that every line and column stays.
 * @throws SyntaxError that says the place
 */
export const withoutTypes = (source: string, path: string): string => {
  try {
    return transformSync(source, { mode: 'strip-only', filename: path }).code;
  } catch (error) {
    const { message, startLine, startColumn } = error as Complaint;
    const place = startLine === undefined ? path : `${path}:${startLine}:${(startColumn ?? 0) + 1}`;
    throw new SyntaxError(`${place}: ${message ?? String(error)}`);
  }
};
