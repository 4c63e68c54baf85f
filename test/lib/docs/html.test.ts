/** Pages are safe, whole, and lead where they say. */
import t from 'tap';
import { posix } from 'node:path';
import { site } from '../../../lib/docs/index.js';
import { html } from '../../../lib/docs/html/html.js';
import { externalLink, pathFrom } from '../../../lib/docs/html/links.js';
import { inlineProse, prose } from '../../../lib/docs/html/prose.js';
import { bare, harm, hostile, sample } from './sample.js';

const files = site([sample, hostile, bare]);
const pageOf = (path: string): string => files.get(path) as string;
const pages = [...files.keys()].filter((path) => path.endsWith('.html'));

/** Elements as their tags are written. */
const tags = (page: string): readonly string[] => page.match(/<[a-zA-Z](?:[^>"]|"[^"]*")*>/g) ?? [];

const sections = (page: string): readonly string[] =>
  [...page.matchAll(/<section id="([^"]*)"/g)].map(([, id]) => id);

t.test(
  'what a template inserts is escaped, HTML goes in as it is, nothing is written for nothing',
  async (t) => {
    const inner = html`<b>${'<&>'}</b>`;
    t.equal(
      html`<p title="${`"'`}">${inner}${undefined}${false}${[1, '<']}</p>`.toString(),
      '<p title="&quot;&#39;"><b>&lt;&amp;&gt;</b>1&lt;</p>',
    );
  },
);

t.test('the way from page to page', async (t) => {
  t.equal(pathFrom('models/a.html', 'style.css'), '../style.css');
  t.equal(pathFrom('models/a.html', 'models/b.html'), 'b.html');
  t.equal(pathFrom('index.html', 'models/b.html'), 'models/b.html');
  t.equal(pathFrom('a/b/c.html', 'a/d/e f.html'), '../d/e%20f.html');
});

t.test('names that mean harm are text', async (t) => {
  const page = pageOf('models/hostile.html');
  t.ok(page.includes('&lt;script&gt;'), 'they are there');
  const written = tags(page);
  t.same(
    written.filter((tag) => /^<(script|img|iframe|object|style)\b/i.test(tag)),
    [`<script src="../site.js" defer>`],
  );
  t.same(
    written.filter((tag) => /\s(on\w+|style)\s*=/i.test(tag.replace(/"[^"]*"/g, '""'))),
    [],
  );
  t.same(
    [...page.matchAll(/(?:href|src)="([^"]*)"/g)]
      .map(([, address]) => address)
      .filter((address) => /^\s*javascript:/i.test(address)),
    [],
  );
});

t.test('no page has a script or a style of its own, and each says so to the browser', async (t) => {
  for (const path of pages) {
    const page = pageOf(path);
    const written = tags(page);
    t.same(
      written.filter((tag) => /\s(on\w+|style)\s*=/i.test(tag.replace(/"[^"]*"/g, '""'))),
      [],
      path,
    );
    t.notMatch(page, /<style|<script(?![^>]* src=)/i, path);
    t.match(page, /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; /, path);
  }
});

t.test('every link within the site leads to a file and a place that are there', async (t) => {
  let checked = 0;
  for (const path of pages) {
    for (const [, address] of pageOf(path).matchAll(/(?:href|src)="([^"]*)"/g)) {
      if (/^(https?|data):/.test(address)) continue;
      const [file, place] = address.split('#');
      const target = file ? posix.join(posix.dirname(path), decodeURIComponent(file)) : path;
      t.ok(files.has(target), `${path}: ${address}`);
      if (place) t.ok(pageOf(target).includes(` id="${place}"`), `${path}: ${address}`);
      checked += 1;
    }
  }
  t.ok(checked > 40);
});

t.test('ids of a page are its own', async (t) => {
  for (const path of pages) {
    const ids = [...pageOf(path).matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    t.equal(new Set(ids).size, ids.length, path);
  }
});

t.test('a model of which everything is known has every section, in the order of questions', async (t) => {
  t.same(sections(pageOf('models/sample.html')), [
    ...['input-output', 'diagram', 'widths', 'load', 'run', 'examples', 'results', 'training', 'differences'],
    ...['notes', 'operations', 'memory', 'growth', 'parameters', 'config', 'uses', 'limits', 'licence'],
    ...['citation', 'sources'],
  ]);
});

t.test('what nobody knows of a model is left out', async (t) => {
  t.same(sections(pageOf('models/bare.html')), [
    ...['input-output', 'diagram', 'widths', 'operations', 'memory', 'parameters'],
  ]);
  t.notMatch(pageOf('models/bare.html'), /undefined|\[object/);
});

t.test('a page says what a model takes, gives, costs', async (t) => {
  const page = pageOf('models/sample.html');
  for (const words of [
    '[batch, 50, 3]',
    '[batch, 4]',
    '1,234',
    '5.0 MFLOP',
    '48 linear + 19 positions',
    'not published',
  ])
    t.ok(page.includes(words), words);
});

t.test('modules that are alike are told once', async (t) => {
  const page = pageOf('models/sample.html').replace(/<wbr ?\/?>/g, '');
  t.match(page, /self_attention … self_attention_1\s*<b class="times">\s*× 2<\/b>/);
  t.match(page, /<td class="number">1,200<\/td>\s*<td class="number">4\.0 MFLOP<\/td>/, 'their sum');
});

t.test('Markdown has no HTML of its own, no pictures, no styles, and its papers are links', async (t) => {
  t.equal(inlineProse('<b>a</b> `c`').toString(), '&lt;b&gt;a&lt;/b&gt; <code>c</code>');
  t.notMatch(prose('![a](https://example.org/a.png)').toString(), '<img');
  t.notMatch(prose('| a | b |\n| --: | --- |\n| 1 | 2 |').toString(), 'style=');
  t.match(prose('| a | b |\n| --: | --- |\n| 1 | 2 |').toString(), '<td class="number">1</td>');
  t.notMatch(inlineProse('[a](javascript:alert(1))').toString(), '<a');
  t.equal(
    inlineProse('arXiv:2107.14795, table 3').toString(),
    '<a href="https://arxiv.org/abs/2107.14795">arXiv:2107.14795</a>, table 3',
  );
  t.equal(
    inlineProse('(doi:10.1038/s41586-019-1724-z)').toString(),
    '(<a href="https://doi.org/10.1038/s41586-019-1724-z">doi:10.1038/s41586-019-1724-z</a>)',
  );
  t.notMatch(inlineProse(harm).toString(), /<(script|img)/);
});

t.test('an address that a browser would run is no link', async (t) => {
  t.equal(externalLink('javascript:alert(1)').toString(), 'javascript:alert(1)');
  t.match(externalLink('https://example.org/a"b').toString(), 'href="https://example.org/a&quot;b"');
});

t.test('names that cannot name a file are refused, and two of one', async (t) => {
  for (const name of ['../a', 'a/b', '', 'a b', '.a'])
    t.throws(() => site([{ ...bare, name }]), { message: /^a model's name is / }, name);
  t.throws(() => site([bare, { ...bare, name: 'Bare' }]), { message: "two models are called 'Bare'" });
  t.throws(() => site([bare], { files: new Map([['style.css', '']]) }), {
    message: "two files of the site have the path 'style.css'",
  });
});

t.test('pages of others get the same frame, and the policy that they need', async (t) => {
  const more = site([bare], {
    pages: [
      {
        path: 'guide/idea.html',
        title: 'The idea',
        main: html`<h1>The idea</h1>`,
        policy: { 'script-src': "'wasm-unsafe-eval'" },
      },
    ],
    navigation: [{ title: 'The idea', path: 'guide/idea.html' }],
  });
  const page = more.get('guide/idea.html') as string;
  t.match(page, 'script-src &#39;self&#39; &#39;wasm-unsafe-eval&#39;;');
  t.match(page, /href="idea\.html"\s+aria-current="page"/);
  t.match(more.get('index.html') as string, 'href="guide/idea.html"');
});

t.test('the only model of a site is its first page, under its own title, beside nothing', async (t) => {
  const only = site([sample]);
  t.same([...only.keys()].sort(), ['index.html', 'site.js', 'style.css']);
  const page = String(only.get('index.html'));
  t.match(page, new RegExp(`class="brand" href="index.html">${sample.title}<`));
  t.notMatch(page, 'Models side by side');
  t.match(String(site([sample], { comparison: 'all.html' }).get('all.html')), 'Models side by side');
});

t.test('only what is made from models says so', async (t) => {
  const written = { path: 'written.html', title: 'By hand', main: html`<h1>By hand</h1>` };
  const files = site([sample], { pages: [written] });
  for (const [path, isGenerated] of [
    ['index.html', true],
    ['written.html', false],
  ] as const)
    t.equal(String(files.get(path)).includes('Generated by renga'), isGenerated, path);
});

t.test('what whole scores would take is said where it is more', async (t) => {
  const files = site([
    sample,
    { ...sample, name: 'even', bytes: { ...sample.bytes, activationsUntiled: 20_001 } },
  ]);
  t.match(String(files.get('models/sample.html')), /would take 60\.0 kB instead of 20\.0 kB\./);
  t.notMatch(String(files.get('models/even.html')), /instead of 20\.0 kB/);
});
