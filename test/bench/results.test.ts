/** The benchmark's results: ratios to aims, files read again, outputs compared. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { markdownOf } from '../../bench/report/markdown.js';
import { noResults, readResults, type Results, withWork, writeResults } from '../../bench/results.js';
import { differenceOf, sampleOf } from '../../bench/sample.js';
import { sampleRow as row } from '../../bench/sampleRow.js';
import { targetsOf } from '../../bench/targets.js';

const machine = {
  processor: 'one',
  cores: 2,
  memoryBytes: 8e9,
  system: 'a system',
  load: null,
  date: 'today',
};

const results: Results = {
  ...noResults(machine, { node: '20' }),
  rows: [
    row('language', 'renga', 1, 2),
    row('language', 'renga', 2, 1),
    row('language', 'baseline', 1, 7),
    row('language', 'onnxruntime-node', 1, 1.5),
    row('language', 'onnxruntime-node', 2, 0.4),
  ],
  refusals: [{ work: 'language', engine: 'jax-js', threads: 1, reason: 'it has | no operation' }],
};

t.test('aims are measured with the most threads, or thread by thread, at the worst row', async (t) => {
  const measured = (what: RegExp) =>
    targetsOf(results.rows).find((target) => what.test(target.what))?.measured;
  t.equal(measured(/^language, against the baseline/), 7);
  t.equal(measured(/against onnxruntime-node$/), 0.4);
  t.equal(measured(/two threads/), 2);
  t.equal(measured(/^flow/), null, 'what was not measured is not reached');
});

t.test('a file that was written is read again, and works take the places of older ones', async (t) => {
  const file = join(t.testdir(), 'results.json');
  writeResults(file, results);
  t.strictSame(readResults(file), E.right(results));
  const renewed = withWork(results, 'language', {
    rows: [row('language', 'renga', 1, 3)],
    refusals: [],
    profiles: [],
  });
  t.strictSame(
    renewed.rows.map(({ seconds }) => seconds),
    [3],
  );
  t.strictSame(renewed.refusals, []);
});

t.test('a damaged file is told where it is damaged', async (t) => {
  const folder = t.testdir({ 'half.json': '{ "rows": [' });
  const left = (file: string) => E.fold(String, () => '')(readResults(join(folder, file)));
  t.match(left('none.json'), /there is no/);
  t.match(left('half.json'), /is no JSON/);
  const file = join(folder, 'wrong.json');
  writeResults(file, results);
  writeFileSync(file, readFileSync(file, 'utf8').replace('"seconds": 7', '"seconds": "seven"'));
  t.match(left('wrong.json'), /rows\.2\.seconds is "seven", expected number/);
});

t.test('outputs are compared by what is large in each of them', async (t) => {
  const of = (...outputs: number[][]) => outputs.map((values) => sampleOf(Float32Array.from(values)));
  t.equal(differenceOf(of([1, 2]), of([1, 2])), 0);
  t.equal(differenceOf(of([1, 2.5]), of([1, 2])), 0.25);
  t.equal(
    differenceOf(of([100], [0.5]), of([100], [1])),
    0.5,
    'a small output is not lost beside a large one',
  );
  t.ok(differenceOf(of([100], [2e-9]), of([100], [1e-9])) < 1e-6, 'what is rounding alone is not compared');
  t.equal(differenceOf(of([1]), of([1, 2])), Infinity);
  t.equal(differenceOf(of([1], [2]), of([1])), Infinity);
  t.equal(differenceOf(of([NaN]), of([1])), Infinity);
});

t.test('the page has a line for each work and a column for each engine', async (t) => {
  const page = markdownOf(results, [['a.svg', 'a chart']]);
  t.match(page, '| work | renga, 1 | renga, 2 | baseline | onnxruntime-node, 1 | onnxruntime-node, 2 |');
  t.match(page, '| language | 2.00 s | 1.00 s | 7.00 s | 1.50 s | 400 ms |');
  t.match(page, '![a chart](a.svg)');
  t.match(page, 'jax-js with 1 thread: it has \\| no operation (language)');
});
