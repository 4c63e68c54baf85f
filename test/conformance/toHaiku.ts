/** Pickles written here, loaded by `pickle.load` and applied in Haiku: outputs are those that this library computes. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { type HostArray, int32 } from '../../lib/data/array.js';
import {
  formatNpz,
  showCheckpointError,
  writeCheckpoint,
  type PickleFormat,
} from '../../lib/checkpoint/index.js';
import { toHostSync, toTensor } from '../../lib/data/leaf.js';
import { key, normal } from '../../lib/random/index.js';
import { readArrays } from '../golden/case.js';
import { type Check, failing } from '../golden/compare.js';
import { compareOutputs, type Finding, finding, type Group } from './finding.js';
import { haikuNetwork } from './haikuNetwork.js';
import { noisy } from './noisy.js';
import { runScript } from './process.js';
import { rightOf } from './read.js';

const ids = int32([2, 4], [1, 2, 3, 4, 10, 9, 0, 7]);
const image = normal(key(1), [2, 6, 6, 3]);

/** Formats of pickles. Haiku makes plain dicts of its own FlatMappings when it loads them. */
const ways: readonly { readonly name: string; readonly format: PickleFormat }[] = [
  { name: 'dicts', format: { format: 'pickle' } },
  { name: 'FlatMappings', format: { format: 'pickle', flatMapping: true } },
];

/** Parameters of which every one matters. */
const weights = () => {
  const { params, state } = haikuNetwork.init(key(2), toTensor(ids), toTensor(image));
  return { params: noisy(params), state };
};

const apply = ({ params, state }: ReturnType<typeof weights>): HostArray => {
  const output = tf.tidy(() => haikuNetwork.apply(params, state, {}, toTensor(ids), toTensor(image)).output);
  const own = toHostSync(output);
  output.dispose();
  return own;
};

/** Everything that is applied in Haiku. */
export const toHaiku = async (python: string, work: string): Promise<Group> => {
  const folder = join(work, 'to-haiku');
  mkdirSync(folder);
  const made = weights();
  const own = apply(made);
  writeFileSync(join(folder, 'inputs.npz'), formatNpz(Object.entries({ ids, image })));
  for (const { name, format } of ways)
    rightOf(showCheckpointError)(await writeCheckpoint(join(folder, `${name}.pickle`), made, format)());
  const mappings = (await runScript(python, 'apply_haiku.py', folder)) as Readonly<Record<string, string>>;
  const check = (name: string): Check[] => {
    const found = readArrays(join(folder, `${name}.out.npz`)).get('out') as HostArray;
    const output = compareOutputs('output', found, own);
    const mapping = mappings[name];
    return mapping === 'dict' ? [output] : [output, failing('mapping', `${mapping}, expected dict`)];
  };
  const findings: Finding[] = [];
  for (const { name } of ways)
    findings.push(await finding(`a pickle of ${name}, params and state`, () => check(name)));
  return {
    title: 'Written here, applied in Haiku',
    doc: 'Loaded by `pickle.load` alone; outputs of a network with a table, attention, norms with and without state and a convolution.',
    findings,
  };
};
