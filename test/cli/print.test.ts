/** Tables of commands: aligned, and within the width of the terminal. */
import t, { type Test } from 'tap';
import { summary, summaryText } from '../../lib/graph/index.js';
import { table, wrapped } from '../../cli/print.js';
import { bar } from '../../cli/progress.js';
import { imagenetConv } from '../../presets/index.js';

// A terminal that the test is run in has a width of its own.
Object.assign(process.stdout, { columns: undefined });

const within = (t: Test, columns: string | undefined): void => {
  const { COLUMNS } = process.env;
  const set = (value: string | undefined) => {
    if (value === undefined) delete process.env.COLUMNS;
    else process.env.COLUMNS = value;
  };
  set(columns);
  t.teardown(() => set(COLUMNS));
};

const rows = [
  ['encoder/~/self_attention/mlp/linear', 12_345, 'a text that says much about this part of the model'],
  ['x', 1, 'short'],
] as const;

t.test('without a width, columns are as wide as their widest cell', (t) => {
  within(t, undefined);
  const lines = table(['module', 'elements', ''], rows).split('\n');
  t.equal(
    lines[1],
    'encoder/~/self_attention/mlp/linear    12,345  a text that says much about this part of the model',
  );
  t.equal(lines.length, 3);
  t.end();
});

t.test('the widest columns give way to a width, broken at spaces and slashes; numbers stay whole', (t) => {
  within(t, '50');
  const lines = table(['module', 'elements', ''], rows).split('\n');
  t.same(lines, [
    'module               elements',
    'encoder/~/             12,345  a text that says',
    'self_attention/mlp/            much about this',
    'linear                         part of the model',
    'x                           1  short',
  ]);
  t.end();
});

t.test('where columns do not fit, names have lines of their own', (t) => {
  within(t, '34');
  const lines = table(['module', 'elements', ''], rows).split('\n');
  t.same(lines, [
    'module',
    '  elements',
    'encoder/~/self_attention/mlp/',
    'linear',
    '    12,345  a text that says much',
    '            about this part of the',
    '            model',
    'x',
    '         1  short',
  ]);
  t.end();
});

t.test(
  'a text is broken at spaces; a word that is too long, after its slashes and hyphens or where the line ends',
  (t) => {
    t.same(wrapped('6,913,408 parameters in all', 20), ['6,913,408 parameters', 'in all']);
    t.same(wrapped('a/bcd/efg', 6), ['a/bcd/', 'efg']);
    t.same(wrapped('language-sentencepiece', 15), ['language-', 'sentencepiece']);
    t.same(wrapped('abcdefgh', 3), ['abc', 'def', 'gh']);
    t.same(wrapped('one\n\ntwo', 9), ['one', '', 'two']);
    t.end();
  },
);

t.test('a bar has the share that is done, and the time that is left', (t) => {
  t.equal(bar('reading', 1, 4, 10), '█████░░░░░░░░░░░░░░░ 25 %  30 s left  reading');
  t.equal(bar('reading', 0, 4, 10), '░░░░░░░░░░░░░░░░░░░░ 0 %  reading');
  t.end();
});

t.test('a summary on 80 columns shows the modules as a tree', (t) => {
  const { network, inputs } = imagenetConv(imagenetConv.small);
  const lines = summaryText(summary(network, inputs), 80).split('\n');
  t.ok(lines.every((line) => [...line].length <= 80));
  t.match(lines[0], /^module +outputs +parameters +MFLOP$/);
  t.match(lines.join('\n'), /^ {2}~\/cross_attention .*\n {4}layer_norm_1 /m);
  t.end();
});
