/**
 * A Python with the packages that `requirements.txt` names, in a folder that git ignores: made once, and again when
 * the versions change.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../project.js';
import { run } from './process.js';

/** Everything that conformance leaves on the disk. */
export const workFolder = join(root, '.conformance');

const requirements = join(root, 'test', 'conformance', 'requirements.txt');

const interpreter = (folder: string): string =>
  process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');

/** The interpreter of the environment; PYTHON says which one makes it, `python3` if nothing does. */
export const pythonEnvironment = async (print: (line: string) => void): Promise<string> => {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = join(workFolder, `python-${hash}`);
  const whole = join(folder, 'whole');
  if (existsSync(whole)) return interpreter(folder);
  print('making a Python environment; this takes minutes, once');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(workFolder, { recursive: true });
  await run(process.env.PYTHON ?? 'python3', ['-m', 'venv', folder]);
  await run(interpreter(folder), ['-m', 'pip', 'install', '--quiet', '-r', requirements]);
  writeFileSync(whole, '');
  return interpreter(folder);
};
