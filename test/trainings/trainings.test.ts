import t from 'tap';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../project.js';
import { type Evaluations, trainings } from './trainings.js';

const isReached = async (name: string, ...runs: Evaluations[]): Promise<boolean> => {
  const training = trainings.find((each) => each.name === name);
  if (!training) throw new Error(`no training ${name}`);
  return (await training.judge(runs, async () => 0.3)).isReached;
};
const digits = (...found: number[]): Evaluations[] => found.map((accuracy) => [{ accuracy }]);

t.test('figures are judged by their aims: the last evaluation, the mean, the least', async (t) => {
  t.ok(await isReached('digits', ...digits(0.972, 0.969, 0.997)));
  t.notOk(await isReached('digits', ...digits(0.97, 0.97, 0.98)), 'a mean of 97.3 %');
  t.notOk(await isReached('digits', ...digits(0.964, 0.99, 0.99)), 'one under 96.5 %');
  t.notOk(await isReached('digits', [{ accuracy: 0.99 }, { accuracy: 0.9 }]), 'not the best evaluation');
  t.ok(await isReached('even-odd', ...digits(0.981, 0.978, 0.983)));
  t.notOk(await isReached('even-odd', ...digits(0.981, 0.978, NaN)));
  t.ok(await isReached('motion', [{ endPointError: 0.29, withoutMotion: 1.2 }]));
  t.notOk(await isReached('motion', [{ endPointError: 0.29, withoutMotion: 1 }]), 'above a quarter');
  t.notOk(await isReached('motion', [{ endPointError: 0.31, withoutMotion: 2 }]), 'above block matching');
  t.notOk(await isReached('digit-tones', [{ fromPicture: 0.97, fromSound: 0.897 }]));
  t.ok(await isReached('words', [{ loss: 3 }, { loss: 2 }]));
  t.notOk(await isReached('words', [{ loss: 2 }, { loss: 3 }]));
  t.notOk(await isReached('words', []), 'no evaluation');
});

t.test('the commands are those of the page', (t) => {
  const page = readFileSync(join(root, 'docs/training/README.md'), 'utf8');
  const sorted = (words: readonly string[]): string => [...words].sort().join(' ');
  const onPage = page
    .split('\n')
    .filter((line) => line.startsWith('npx renga '))
    .map((line) => sorted(line.split(' ').slice(2)));
  for (const { name, command } of trainings)
    t.ok(onPage.includes(sorted([...command('text.txt'), '--seed', '0'])), name);
  t.end();
});
