/** Events drawn here and in JAX from the same logits by the same key, of which the likeliest few are kept: the same ones. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatNpz } from '../../lib/checkpoint/index.js';
import type { HostArray } from '../../lib/data/array.js';
import { key, normal } from '../../lib/random/index.js';
import { sampleEvents } from '../../presets/perceiverAr/run/sampling.js';
import { readArrays } from '../golden/case.js';
import { compare } from '../golden/compare.js';
import { type Finding, finding, type Group } from './finding.js';
import { runScript } from './process.js';

const [numRows, numEvents] = [512, 259];

const cases = [1, 2, 5, 40, numEvents].flatMap((topK) => [
  { topK, topP: 1, temperature: 1 },
  { topK, topP: 0.8, temperature: 0.7 },
]);

/** Logits of which some are equal. */
const someLogits = (): HostArray<'float32'> => {
  const { shape, data } = normal(key(5), [numRows, numEvents]);
  return { shape, dtype: 'float32', data: data.map((value) => Math.round(16 * value) / 8) };
};

/** Draws of JAX. */
export const toSampling = async (python: string, work: string): Promise<Group> => {
  const folder = join(work, 'sampling');
  mkdirSync(folder);
  const [logits, drawn] = [someLogits(), key(6)];
  const words: HostArray = { shape: [2], dtype: 'uint32', data: Uint32Array.from(drawn.words) };
  writeFileSync(join(folder, 'inputs.npz'), formatNpz(Object.entries({ logits, key: words })));
  writeFileSync(join(folder, 'cases.json'), JSON.stringify(cases));
  await runScript(python, 'sample.py', folder);
  const events = readArrays(join(folder, 'events.npz'));
  const findings: Finding[] = [];
  for (const [i, options] of cases.entries()) {
    const { topK, topP, temperature } = options;
    const name = `the likeliest ${topK}, top-p ${topP}, temperature ${temperature}`;
    findings.push(
      await finding(name, () => [
        compare('events', sampleEvents(drawn, logits, options), events.get(String(i)) as HostArray, 0),
      ]),
    );
  }
  return {
    title: 'Drawn here and in JAX',
    doc: `Events of ${numRows} rows of logits, drawn by one key: every one the same.`,
    findings,
  };
};
