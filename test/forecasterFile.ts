/** The README's own model, as a file that `renga docs --model` takes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './project.js';

/** The code as the README has it, and beside it what documentation has to know of the model. */
export const forecasterFile = (): string => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const [, code] = /```ts\n([^`]*const forecaster [^`]*)```/.exec(readme) ?? [];
  if (code === undefined) throw new Error('README.md has no forecaster');
  return `${code.replace('const model = ', 'const transformed = ').replace(/\bmodel\.(init|apply)/g, 'transformed.$1')}
    export const model = {
      card: { name: 'forecaster', title: 'Forecasts', doc: 'Readings to 4 forecasts.' },
      network: forecaster,
      inputs: [{ shape: [1, 50, 1] }, { shape: [1, 50, 3] }, { shape: [1, 50] }],
      names: { output: 'forecasts' },
    };`;
};
