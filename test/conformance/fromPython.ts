/** Files that Python wrote just now, read here: every array of every file is held to what Python says it is. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { toTensor } from '../../lib/data/leaf.js';
import { key } from '../../lib/random/index.js';
import { unflatten } from '../../lib/data/tree.js';
import { type Arrays, readArrays } from '../golden/case.js';
import { type Check, compare, compareDraws, compareTrees } from '../golden/compare.js';
import { type Finding, finding, type Group } from './finding.js';
import { haikuNetwork } from './haikuNetwork.js';
import { runScript } from './process.js';
import { checkpointIn } from './read.js';

const under = (arrays: Arrays, prefix: string) =>
  unflatten(
    [...arrays].flatMap(([name, array]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), array] as const] : [],
    ),
  );

/** Each array as Python has it, bit for bit where both sides have the type. */
const checkFile = async (folder: string, file: string, expected: Arrays): Promise<Check[]> => {
  const { params, state } = await checkpointIn(join(folder, file));
  const exactly: Parameters<typeof compareTrees>[3] = (name, found, stored) =>
    compare(name, found as never, stored, 0);
  return [
    ...compareTrees('params', params, under(expected, `${file}/params/`), exactly),
    ...compareTrees('state', state, under(expected, `${file}/state/`), exactly),
  ];
};

/** The same seed gives the same parameters on both sides. */
const checkSeed = async (folder: string): Promise<Check[]> => {
  const inputs = readArrays(join(folder, 'inputs.npz'));
  const [ids, image] = ['ids', 'image'].map((name) => toTensor(inputs.get(name)!));
  const made = haikuNetwork.init(key(3), ids, image);
  const { params, state } = await checkpointIn(join(folder, 'params-and-state.pystate'));
  return [
    ...compareTrees('params', made.params, params, compareDraws),
    ...compareTrees('state', made.state, state, (name, found, stored) => compare(name, found, stored, 1e-5)),
  ];
};

/** Everything that Python writes. */
export const fromPython = async (python: string, work: string): Promise<Group> => {
  const folder = join(work, 'from-python');
  mkdirSync(folder);
  const files = (await runScript(python, 'write_files.py', folder)) as readonly string[];
  const expected = readArrays(join(folder, 'expected.npz'));
  const findings: Finding[] = [];
  for (const file of files)
    findings.push(await finding(`\`${file}\``, () => checkFile(folder, file, expected)));
  findings.push(await finding('`init` with the same seed', () => checkSeed(folder)));
  return {
    title: 'Written by Python, read here',
    doc: 'Every array of every file is compared, leaf for leaf; no difference at all is allowed, but for the last bits of what is drawn by seed.',
    findings,
  };
};
