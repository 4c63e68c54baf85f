/** `renga starcraft`: units in files to vectors. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { complaintOf, outputOf, renga } from './run.js';

const unit = { unitType: 48, alliance: 1, x: 30, y: 71.5, health: 45 };
const small = {
  numEntities: 4,
  embeddingChannels: 16,
  kvChannels: 8,
  encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 4 },
  decoder: { outputChannels: 8 },
  outputChannels: 16,
};

t.test('each file of units gives a vector for each unit, and one for all; one that fails is named', (t) => {
  const folder = t.testdir({
    'small.json': JSON.stringify(small),
    maps: {
      'a.json': JSON.stringify([unit, { ...unit, x: 31 }]),
      'b.json': JSON.stringify({ units: [unit] }),
      'c.json': JSON.stringify([{ ...unit, x: undefined }]),
      'd.json': '{ "unit": 1 }',
      'e.json': '[',
    },
  });
  const run = (...args: string[]) =>
    renga(folder, 'starcraft', ...args, '--config', 'small.json', '--seed', '1');
  const { status, stdout, stderr } = run('maps', '--json');
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.match(lines, [
    { file: 'maps/a.json', entityEmbeddings: { length: 2 }, embeddedEntity: { length: 16 }, untrained: true },
    { file: 'maps/b.json', entityEmbeddings: { length: 1 } },
  ]);
  t.equal(lines.length, 2);
  t.match(stderr, /^renga: maps\/c\.json: .*x.*$/m);
  t.match(stderr, /^renga: maps\/d\.json: found JSON of another kind, expected a list of units/m);
  t.match(stderr, /^renga: maps\/e\.json: found .*JSON.*, expected a file of JSON, or CSV$/m);
  t.equal(status, 1);
  t.match(outputOf(run('maps/a.json')), /^maps\/a\.json {2}2 vectors of 16, one for all of length \d/);
  t.match(complaintOf(run('missing.json')), /^missing\.json: found no such file or directory/);
  t.end();
});

t.test('units in CSV are drawn as a map, with the attention that each gets', (t) => {
  const folder = t.testdir({
    'small.json': JSON.stringify(small),
    'units.csv':
      'unitType,alliance,x,y,buffs,isActive\n48,1,30,71.5,1 2,true\n50,4,10,20,,\n7,3,40,40,,false\n',
  });
  const said = outputOf(
    renga(folder, 'starcraft', 'units.csv', '--map', 'map.html', '--config', 'small.json', '--seed', '1'),
  );
  t.match(said, /^units\.csv {2}3 vectors of 16/);
  const page = readFileSync(join(folder, 'map.html'), 'utf8');
  const shares = [...page.matchAll(/aria-label="unit (\d), type (\d+), (\w+): (\d+\.\d) %/g)];
  t.same(
    shares.map(([, unit, type, side]) => [unit, type, side]),
    [
      ['0', '48', 'own'],
      ['1', '50', 'enemy'],
      ['2', '7', 'neutral'],
    ],
  );
  const all = shares.reduce((sum, [, , , , share]) => sum + Number(share), 0);
  t.ok(Math.abs(all - 100) < 0.3, `${all} % of the attention is on the units`);
  t.equal([...page.matchAll(/<line\s/g)].length, 9);
  t.end();
});

t.test('the help stays within 80 columns', (t) => {
  const lines = outputOf(renga(process.cwd(), 'starcraft', '--help')).split('\n');
  t.match(lines[0], /^Usage: renga starcraft/);
  t.strictSame(
    lines.filter((line) => line.length > 80),
    [],
  );
  t.end();
});
