/** Programs that are run to their end; what they complained of is told when they fail. */
import { execFile } from 'node:child_process';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../project.js';

/** Nothing is fetched by what runs, and JAX computes where renga does. */
export const offline = { JAX_PLATFORMS: 'cpu', HF_HUB_OFFLINE: '1', TRANSFORMERS_VERBOSITY: 'error' };

/** JAX's programs run a few times here, so that compiling them as fast code takes longer than it saves. */
const once = { JAX_DISABLE_MOST_OPTIMIZATIONS: '1' };

/** The output of a program. @throws Error with the last line of its errors, which are all printed */
export const run = async (program: string, args: readonly string[], cwd?: string): Promise<string> => {
  try {
    const env = { ...process.env, ...offline, ...once };
    return (await promisify(execFile)(program, args, { env, cwd, maxBuffer: 1 << 26 })).stdout;
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    console.error(stderr);
    throw new Error(`${basename(args[0])} failed: ${stderr.trimEnd().split('\n').at(-1) || String(error)}`);
  }
};

/** The last line that a script of `python/` printed, parsed as JSON. */
export const runScript = async (
  python: string,
  script: string,
  ...args: readonly string[]
): Promise<unknown> => {
  const output = await run(python, [join(root, 'test', 'conformance', 'python', script), ...args]);
  return JSON.parse(output.trimEnd().split('\n').at(-1) as string);
};
