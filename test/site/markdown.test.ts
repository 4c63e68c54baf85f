/** Hand-written pages as HTML: ids, links, code, tables. */
import t from 'tap';
import { renderMarkdown, slugOf } from '../../site/markdown.js';

const known: Readonly<Record<string, string>> = {
  'docs/a.md': 'docs/a.html',
  'docs/guide/b.md': 'docs/guide/b.html',
  'README.md': 'index.html',
  'docs/guide/picture.svg': 'docs/guide/picture.svg',
};

const render = (text: string) =>
  renderMarkdown(text, 'docs/guide/b.md', 'docs/guide/b.html', (file) => known[file]);
const htmlOf = (text: string): string => render(text).html.toString();

t.test('headings have the ids that GitHub gives them', async (t) => {
  t.equal(slugOf("A folder of Hugging Face's"), 'a-folder-of-hugging-faces');
  t.equal(slugOf('6. Train it'), '6-train-it');
  const html = htmlOf('# One `code`\n\n## Two\n\n## Two\n');
  t.match(html, '<h1 id="one-code">');
  t.match(html, '<h2 id="two">');
  t.match(html, '<h2 id="two-1">');
  t.equal(render('# One `code`\n').title, 'One code');
});

t.test('links between files lead from page to page, others stay', async (t) => {
  t.match(
    htmlOf('[a](../a.md#x) [r](../../README.md#y)'),
    '<a href="../a.html#x">a</a> <a href="../../index.html#y">',
  );
  t.match(htmlOf('[w](https://example.org/a.md) [h](#here)'), 'href="https://example.org/a.md"');
  t.match(htmlOf('![p](picture.svg)'), '<img src="picture.svg" alt="p">');
  t.same(render('![p](picture.svg)').linked, ['docs/guide/picture.svg']);
  t.throws(
    () => render('[no](../none.md)'),
    /docs\/guide\/b\.md: links to \.\.\/none\.md, which is not of the site/,
  );
});

t.test('code is coloured and scrolls in its box, and so do tables', async (t) => {
  t.match(
    htmlOf('```ts\nconst a = 1 < 2;\n```\n'),
    /<figure class="code">[^]*<span class="hljs-keyword">const<\/span>[^]*&lt;/,
  );
  const table = htmlOf('| a | b |\n| --- | --: |\n| 1 | 2 |\n');
  t.match(table, /<div class="scroll"[^>]*>\s*<table>/);
  t.match(table, '<td class="number">2</td>');
  t.notMatch(table, 'style=');
});

t.test('phrases stand side by side, comments are left out', async (t) => {
  const html = htmlOf(
    '<table>\n<tr><td>\n\n```python\nx\n```\n\n</td></tr>\n</table>\n\n<!-- presets:begin -->\n',
  );
  t.match(html, /<table class="phrases">\s*<tr><td>\s*<figure class="code">/);
  t.notMatch(html, '<!--');
});
