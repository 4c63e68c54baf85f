/** The standard input, read whole: it has no offsets, no length, and can be read once. */
import { refuseFile } from './error.js';

/** Names of the standard input; where it is a socket, it cannot be opened by them. */
const names: readonly string[] = ['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'];

/** True if a path is the standard input's. */
export const isStandardInput = (path: string): boolean => names.includes(path);

let isRead = false;

/** All bytes of the standard input. */
export const standardInputBytes = async (longest = Infinity): Promise<Uint8Array> => {
  if (isRead) return refuseFile('the standard input can be read once, and two files were to come from it');
  isRead = true;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > longest) return refuseFile(`more than ${longest} bytes on the standard input`);
    chunks.push(chunk);
  }
  return joined(chunks, length);
};

const joined = (chunks: readonly Uint8Array[], length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
};
