/**
 * `node inTurn.js [modules]`: `renga` several times in one process. Reads lists of arguments, a line of JSON each, and answers each with a line: its
 * result. Each run evaluates the program anew, with its modules loaded already.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import type { Result } from '../child.js';
import { root } from '../project.js';

/** The bundle, or the modules where those are asked for: a process cannot hold both. */
const bundle = join(root, 'dist', 'cli', 'bundle', 'renga.js');
const isBundle = process.argv[2] !== 'modules' && existsSync(bundle);
const program = pathToFileURL(isBundle ? bundle : join(root, 'dist', 'cli', 'renga.js')).href;

/** Keeps what is written to a stream until the returned function takes it. */
const kept = (stream: NodeJS.WriteStream): (() => string) => {
  const parts: Uint8Array[] = [];
  stream.setMaxListeners(0); // each run adds one
  stream.write = (part: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
    parts.push(Buffer.from(part as string));
    const done = rest.find((each): each is () => void => typeof each === 'function');
    if (done) process.nextTick(done);
    return true;
  };
  return () => Buffer.concat(parts.splice(0)).toString();
};

const answer = process.stdout.write.bind(process.stdout);
const [stdout, stderr] = [kept(process.stdout), kept(process.stderr)];
let count = 0;
for await (const line of createInterface(process.stdin)) {
  process.argv.splice(1, Infinity, 'renga', ...(JSON.parse(line) as string[]));
  process.exitCode = 0;
  await import(`${program}?run=${count++}`);
  const result: Result = { status: Number(process.exitCode), stdout: stdout(), stderr: stderr() };
  answer(`${JSON.stringify(result)}\n`);
}
