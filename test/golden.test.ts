/**
 * The goldens that the project carries, by the runner that `npm run goldens` is; and the runner itself, which must
 * tell what is wrong.
 */
import t from 'tap';
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { float32, type HostArray } from '../lib/data/array.js';
import { formatNpz, parseNpz } from '../lib/checkpoint/index.js';
import { engine } from '../lib/engine/index.js';
import { compare, passes } from './golden/compare.js';
import { runGoldens, type RunOptions } from './golden/run.js';

const carried = 'test/goldens';

/** Cases of each folder. */
const cases = {
  modules: 86,
  presets: 9,
  full: 4,
  random: 134,
  pickles: 66,
  trained: 2,
  train: 26,
  hf: 1,
  ar: 40,
};

const run = async (directory: string, options: Omit<RunOptions, 'print'> = {}) => {
  const lines: string[] = [];
  const totals = await runGoldens(directory, { ...options, print: (line) => lines.push(line) });
  return { lines, ...totals };
};

t.before(() => engine());

for (const [name, count] of Object.entries(cases)) {
  t.test(`every case of ${name} passes`, async (t) => {
    const { lines, passed, failed } = await run(carried, { only: [name] });
    t.same(lines, []);
    t.same({ passed, failed }, { passed: count, failed: 0 });
  });
}

t.test('every case of haiku passes or is named with the reason why it is not run', async (t) => {
  const { lines, passed, failed, notRun } = await run(carried, { only: ['haiku'] });
  t.same({ passed, failed, notRun }, { passed: 99, failed: 0, notRun: 27 });
  t.ok(
    lines.every((line) => /^not run haiku\/[\w-]+: \w/.test(line)),
    lines.join('\n'),
  );
});

t.test('a folder can be run by itself, whatever its name is', async (t) => {
  const folder = join(t.testdir(), 'elsewhere');
  cpSync(join(carried, 'random'), folder, { recursive: true });
  t.match(await run(folder), { passed: cases.random, failed: 0 });
});

const arraysOf = (path: string): Map<string, HostArray> => {
  const read = parseNpz(new Uint8Array(readFileSync(path)));
  if (E.isLeft(read)) throw new Error(path);
  return new Map(read.right);
};

/** A folder with one case of `modules`, changed. */
const withCase = (
  directory: string,
  name: string,
  change: (arrays: Map<string, HostArray>, entry: Record<string, unknown>) => void,
): string => {
  const folder = join(directory, 'modules');
  mkdirSync(folder);
  const index = JSON.parse(readFileSync(join(carried, 'modules/index.json'), 'utf8')) as {
    cases: Record<string, unknown>[];
  };
  const entry = index.cases.find((one) => one.case === name) as Record<string, unknown>;
  const arrays = arraysOf(join(carried, `modules/${name}.npz`));
  change(arrays, entry);
  writeFileSync(join(folder, 'index.json'), JSON.stringify({ cases: [entry] }));
  writeFileSync(join(folder, `${name}.npz`), formatNpz([...arrays]));
  return folder;
};

/** The array with another first element. */
const off = ({ shape, data }: HostArray, by: number): HostArray =>
  float32(
    shape,
    Float32Array.from(data as Float32Array, (value, i) => (i === 0 ? value + by : value)),
  );

const changes: Readonly<Record<string, readonly [Parameters<typeof withCase>[2], line: RegExp]>> = {
  'an output that is off': [
    (arrays) => arrays.set('out', off(arrays.get('out') as HostArray, 0.1)),
    /^failed modules\/linear: out is \d\.\de-2 off, 2\.0e-5 allowed \(1 of 6 checks\)$/,
  ],
  'a gradient that is off': [
    (arrays) => arrays.set('grad_param/linear/w', off(arrays.get('grad_param/linear/w') as HostArray, 0.1)),
    /grad_param\/linear\/w is .* off/,
  ],
  'a gradient with respect to an input that is off': [
    (arrays) => arrays.set('grad_in/x', off(arrays.get('grad_in/x') as HostArray, 0.1)),
    /grad_in\/x is .* off/,
  ],
  'a parameter that is not asked for': [
    (arrays) => arrays.set('param/linear/c', float32([1], [1])),
    /param\/linear\/c: there is none/,
  ],
  'a parameter of another shape': [
    (arrays) => arrays.set('param/linear/b', float32([2], [1, 2])),
    /param\/linear\/b: shape \[7\], expected \[2\]/,
  ],
  'an output that should not be a number': [
    (arrays) => arrays.set('out', off(arrays.get('out') as HostArray, NaN)),
    /out is Infinity off/,
  ],
  'an argument that is unknown': [
    (_arrays, entry) => Object.assign(entry, { config: { output_size: 7, colour: 1 } }),
    /colour: found 1, expected one of the arguments/,
  ],
  'a class that is unknown': [
    (_arrays, entry) => Object.assign(entry, { source: 'hk.DeepRNN' }),
    /found "hk\.DeepRNN"/,
  ],
};

for (const [what, [change, line]] of Object.entries(changes)) {
  t.test(`${what} fails its case, with the array and the error`, async (t) => {
    const { lines, passed, failed } = await run(withCase(t.testdir(), 'linear', change));
    t.same({ passed, failed }, { passed: 0, failed: 1 });
    t.equal(lines.length, 1);
    t.match(lines[0], line);
  });
}

t.test('init by the stored key is compared where it is stored', async (t) => {
  const folder = withCase(t.testdir(), 'linear', (arrays) => {
    arrays.set('init_key', { shape: [2], dtype: 'uint32', data: Uint32Array.of(0, 42) });
    for (const leaf of ['w', 'b'])
      arrays.set(`init/linear/${leaf}`, arrays.get(`param/linear/${leaf}`) as HostArray);
  });
  const { lines } = await run(folder);
  t.match(lines, [/init\/linear\/[wb] is .* off, 1\.0e-6 allowed/]);
});

t.test('verbose runs have a line for every case, with the largest error', async (t) => {
  const folder = withCase(t.testdir(), 'linear', () => undefined);
  const { lines } = await run(folder, { isVerbose: true });
  t.match(lines, [/^passed modules\/linear: .* is \d\.\de-\d+ off, 2\.0e-5 allowed \(6 checks\)$/]);
});

t.test('what is no directory of goldens, or lacks what is asked for, is an error', async (t) => {
  const empty = t.testdir({ 'a.txt': '' });
  await t.rejects(run(empty), /neither a folder of goldens nor a directory of such/);
  await t.rejects(run(join(empty, 'nothing')), /there is no directory/);
  await t.rejects(run(carried, { only: ['modules', 'moduls'] }), /there is no moduls/);
});

t.test('a file that is missing or damaged fails its case alone', async (t) => {
  const folder = withCase(t.testdir(), 'linear', () => undefined);
  renameSync(join(folder, 'linear.npz'), join(folder, 'other.npz'));
  t.match(await run(folder), { failed: 1, lines: [/^failed modules\/linear: the case: .*linear\.npz/] });
  writeFileSync(join(folder, 'linear.npz'), 'PK');
  t.match(await run(folder), { failed: 1, lines: [/^failed modules\/linear: the case: .*linear\.npz/] });
});

t.test('the rule: |a − b| ≤ tolerance · (1 + max|b|), integers equal', async (t) => {
  const one = (value: number) => float32([2], [value, 3]);
  t.ok(passes(compare('a', one(1.0039), one(1), 1e-3)));
  t.notOk(passes(compare('a', one(1.0041), one(1), 1e-3)));
  const ints = (value: number): HostArray => ({ shape: [1], dtype: 'uint32', data: Uint32Array.of(value) });
  t.ok(passes(compare('a', ints(4294967295), ints(4294967295), 1e-3)));
  t.notOk(passes(compare('a', ints(4294967294), ints(4294967295), 1e-3)));
  t.match(compare('a', one(1), float32([2, 1], [1, 3]), 1), {
    problem: 'float32 [2], expected float32 [2, 1]',
  });
  t.notOk(passes(compare('a', one(NaN), one(1), 1)));
});
