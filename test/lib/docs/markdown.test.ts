/** Markdown and model cards say what pages say, and are read back as what they are. */
import t from 'tap';
import markdownIt from 'markdown-it';
import { parse } from 'yaml';
import { formats, markdown, modelCard, type ModelDocument } from '../../../lib/docs/index.js';
import { bare, harm, hostile, sample } from './sample.js';

const headings = (text: string): readonly string[] => text.match(/^## .*$/gm) ?? [];

/** A card's header, read. */
const headerOf = (card: string): Record<string, unknown> =>
  parse(/^---\n([^]*?)\n---\n/.exec(card)?.[1] ?? '') as Record<string, unknown>;

const rendered = (text: string): string => markdownIt({ html: true }).render(text);

t.test('a README has what is known of a model', async (t) => {
  const text = markdown(sample);
  for (const words of [
    '# A sample',
    '1,234 parameters',
    '67 = 48 linear + 19 positions',
    '*not published*',
    '- `perceiver_encoder`, 2 times with the same weights ← `values` `[50, 3]`',
    "console.log('<4>');",
  ])
    t.ok(text.includes(words), words);
  t.same(headings(markdown(bare)), [
    '## What goes in, what comes out',
    '## Diagram',
    '## Every width, explained',
    '## Where the operations go',
    '## Memory at its peak',
    '## Parameter tree',
  ]);
  t.match(markdown(sample, { diagram: 'sample.svg' }), '![A sample](sample.svg)');
});

t.test('names that mean harm are text, also where HTML is allowed', async (t) => {
  for (const text of [markdown(hostile), modelCard(hostile).replace(/^---\n[^]*?\n---\n/, '')]) {
    // Texts written as Markdown stay Markdown: here, the reasons of widths.
    const page = rendered(text.replaceAll(`| ${harm.replace(/\|/g, '\\|')} |`, '| |'));
    t.notMatch(page, /<script|<img/);
  }
});

t.test('a card’s header is YAML that reads back', async (t) => {
  t.same(headerOf(modelCard(sample)), {
    license: 'cc-by-4.0',
    library_name: 'renga',
    pipeline_tag: 'time-series-forecasting',
    tags: ['renga', 'sample'],
    datasets: ['imagenet-1k'],
  });
  t.same(headerOf(modelCard({ ...hostile, name: 'a: "b"\n# c' })), {
    license: 'other',
    license_name: harm,
    library_name: 'renga',
    tags: ['renga', 'a: "b"\n# c'],
  });
});

t.test('a card says what was never published, and where others err', async (t) => {
  const card = modelCard(sample);
  t.match(card, '| seed | *not published* |  |');
  t.match(card, 'Never published: seed.');
  t.match(card, '- **FLOPs**. Said: Table 11: 113B (counted from the model). Found: 120.9B');
  t.match(card, '**Licence of the weights**: CC BY 4.0 (somebody)');
  t.match(modelCard(bare), '**Licence of the weights**: no weights were published');
});

t.test('tables keep their columns whatever is in their cells', async (t) => {
  const odd: ModelDocument = {
    ...bare,
    fields: [
      {
        path: 'a|b',
        type: "'x' | 'y'",
        presence: 'default',
        default: '`|`',
        value: '\n|',
        meaning: 'one|two\nthree',
      },
    ],
  };
  const row = markdown(odd)
    .split('\n')
    .find((line) => line.startsWith('| `a'));
  t.equal(row?.split(/(?<!\\)\|/).length, 7, String(row));
});

t.test('characters that move a cursor or turn text round are spelled, in every format', async (t) => {
  const turned = JSON.parse(
    JSON.stringify(hostile).replaceAll(
      JSON.stringify(harm).slice(1, -1),
      'a\\u202eb\\u001b[31m\\u2066\\u0007c',
    ),
  ) as typeof hostile;
  t.equal(turned.title, 'a\u202eb\u001b[31m\u2066\u0007c');
  for (const [format, write] of Object.entries(formats)) {
    for (const [path, content] of write([turned])) {
      const found = /(?![\n\t\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]/u.exec(String(content));
      t.equal(found, null, `${format}: ${path}`);
    }
  }
});

t.test('each format is files by paths', async (t) => {
  t.same(
    [...formats.markdown([sample, bare]).keys()],
    [...['sample.md', 'sample.svg', 'bare.md', 'bare.svg', 'README.md']],
  );
  t.same([...formats['model-card']([sample]).keys()], ['sample/README.md']);
  t.same(JSON.parse(formats.json([sample]).get('sample.json') as string), JSON.parse(JSON.stringify(sample)));
  t.match([...formats.html([sample, bare]).keys()].sort(), [
    'index.html',
    'models/bare.html',
    'models/sample.html',
    'site.js',
    'style.css',
  ]);
  t.throws(() => formats.json([{ ...sample, name: '../x' }]), { message: /^a model's name is / });
});
