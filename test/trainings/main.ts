/**
 * The command `npm run trainings`: runs the trainings of docs/training in full, or those that are named, and judges their
 * figures. It takes minutes to three quarters of an hour for each; its status is 1 where a figure is missed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { judgeMotion } from '../../cli/demo/motion.js';
import { startEngine } from '../../cli/load.js';
import type { TrainEvent } from '../../lib/train/index.js';
import { root } from '../project.js';
import { type Evaluations, type Training, trainings } from './trainings.js';

const named = process.argv.slice(2);
if (named.includes('--help') || named.includes('-h')) {
  console.log(
    `npm run trainings -- [NAME…]: runs these trainings in full, or all, and judges their figures\n${trainings.map(({ name, aim }) => `  ${name}: ${aim}`).join('\n')}`,
  );
  process.exit();
}
const unknown = named.filter((name) => trainings.every((each) => each.name !== name));
if (unknown.length > 0) {
  const names = trainings.map(({ name }) => name).join(', ');
  console.error(`found the training ${unknown.join(', ')}, expected ${names}`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'renga-trainings-'));

/** The README and the guides, one after the other. */
const ownText = (): string => {
  const guide = join(root, 'docs', 'guide');
  const pages = [join(root, 'README.md'), ...readdirSync(guide).map((name) => join(guide, name))];
  const file = join(folder, 'text.txt');
  writeFileSync(file, pages.map((page) => readFileSync(page, 'utf8')).join('\n'));
  return file;
};

const blockMatching = async (): Promise<number> => {
  await startEngine();
  return (await judgeMotion()).blockMatching;
};

/** Runs a command of the page, and reads the evaluations in its log. */
const evaluationsOf = ({ name, command }: Training, text: string, seed: number): Evaluations => {
  const out = join(folder, `${name}-${seed}`);
  const args = [...command(text), '--seed', `${seed}`, '--out', out];
  console.log(`\n$ renga ${args.join(' ')}`);
  const { status } = spawnSync(process.execPath, [join(root, 'dist/cli/renga.js'), ...args], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`${name}, seed ${seed}: the command ended with status ${status}`);
  const lines = readFileSync(join(out, 'log.jsonl'), 'utf8').trimEnd().split('\n');
  return lines
    .map((line) => JSON.parse(line) as TrainEvent)
    .flatMap((event) => (event.kind === 'evaluated' ? [event.raw] : []));
};

const text = ownText();
const told: string[] = [];
for (const training of trainings.filter(({ name }) => named.length === 0 || named.includes(name))) {
  const { name, seeds, aim, judge } = training;
  const { found, isReached } = await judge(
    seeds.map((seed) => evaluationsOf(training, text, seed)),
    blockMatching,
  );
  told.push(`${isReached ? 'reached' : 'MISSED '}  ${name}: ${found}; expected ${aim}`);
  console.log(told[told.length - 1]);
  if (!isReached) process.exitCode = 1;
}
console.log(`\n${told.join('\n')}\nlogs and weights: ${folder}`);
process.exit();
