/**
 * The hand-written pages of the site: README.md as its front page, with the models side by side in place of its table,
 * and what is in docs/. Every page has the path of its file.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { html, Html } from '../lib/docs/html/html.js';
import { comparison } from '../lib/docs/html/indexPage.js';
import type { ModelDocument, Page } from '../lib/docs/index.js';
import { renderCode, renderMarkdown, type Rendered } from './markdown.js';

/** The project's folder; what is compiled is in its dist/site. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** Pages in the order in which one reads them, by what they are called in the header. */
const order: Readonly<Record<string, string>> = {
  'docs/guide/idea.md': 'The idea in ten minutes',
  'docs/guide/compose.md': 'Compose your own',
  'docs/guide/train.md': 'Train it',
  'docs/training/README.md': 'Trainings to repeat',
  'docs/guide/haiku.md': 'Haiku to here and back',
  'docs/names.md': 'Names and seeds',
  'docs/guide/fast.md': 'How to make it fast',
  'docs/guide/scale.md': 'Beyond one machine',
  'docs/examples': 'Examples',
  'docs/formats.md': 'Formats',
  'docs/weights.md': 'Weights in fewer bytes',
  'docs/downloads.md': 'Published weights',
  'docs/security.md': 'Security',
  'docs/performance/README.md': 'Performance',
  'docs/performance/peers.md': 'Beside PyTorch and JAX',
  'docs/performance/steps.md': 'Training steps',
  'docs/conformance.md': 'Conformance',
  'docs/design.md': 'How it is put together',
};

const shownAsTheyAre = /\.(svg|txt)$/;

/** The path in the site of a file of the project; undefined for files that the site does not have. */
export const pathOf = (file: string): string | undefined => {
  if (file === 'README.md') return 'index.html';
  if (file in order) return file === 'docs/examples' ? 'docs/examples.html' : file.replace(/\.md$/, '.html');
  return shownAsTheyAre.test(file) ? file : undefined;
};

/** The ways to them. */
export const guide = Object.entries(order).map(([file, title]) => ({ title, path: pathOf(file) as string }));

const styles = ['site-pages.css'];

const article = (content: Html): Html => html`<article class="written">${content}</article>`;

const [begin, end] = ['<!-- presets:begin -->', '<!-- presets:end -->'];

/** README's parts before and after its table of presets. */
const frontParts = (text: string): readonly [before: string, after: string] => {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md has no ${begin} and ${end}`);
  return [text.slice(0, from), text.slice(to)];
};

const front = (documents: readonly ModelDocument[]): { page: Page; rendered: readonly Rendered[] } => {
  const rendered = frontParts(read('README.md')).map((text) =>
    renderMarkdown(text, 'README.md', 'index.html', pathOf),
  );
  const [before, after] = rendered;
  const next = html`<nav class="next" aria-label="Where to go next">
    <ul>
      ${guide.slice(0, 3).map(({ title, path }) => html`<li><a href="${path}">${title}</a></li> `)}
      <li><a href="try/index.html">Try it in the browser</a></li>
    </ul>
  </nav>`;
  // The first paragraph says what it is; after it one wants to go somewhere.
  const text = before.html.toString();
  const first = text.indexOf('</p>') + '</p>'.length;
  const main = html`<article class="written front">
    ${Html.trusted(text.slice(0, first))} ${next} ${Html.trusted(text.slice(first))}
    ${comparison(documents, 'index.html')} ${after.html}
  </article>`;
  const description =
    'A functional language for neural networks in TypeScript, in the manner of Haiku, and Perceiver IO in all its forms.';
  return { rendered, page: { path: 'index.html', title: 'renga', description, styles, main } };
};

/** The code of the examples, in docs/examples. */
export const exampleFiles = (): readonly string[] => readdirSync(join(root, 'docs', 'examples')).sort();

/** The path of the page of an example's model. */
export const examplePath = (file: string): string => `docs/examples/${file.replace(/\.ts$/, '.html')}`;

const examples = (documents: Examples): Page => {
  const shown = exampleFiles().map((file) => {
    const { title, doc } = documents.get(file) as ModelDocument;
    return html`<h2 id="${file}">${title}</h2>
      <p>${doc} <a href="${examplePath(file).slice('docs/'.length)}">Diagram, sizes and cost</a></p>
      ${renderCode(file, read(`docs/examples/${file}`), 'ts')}`;
  });
  return {
    path: 'docs/examples.html',
    title: 'Examples',
    styles,
    main: article(html`
      <h1>Examples</h1>
      <p>
        Models composed of the layers, each in under sixty lines; the tests run them. Their pages are made by
        <code>renga docs --model</code>.
      </p>
      ${shown}
    `),
  };
};

/** Documents of the examples' models, by their files. */
export type Examples = ReadonlyMap<string, ModelDocument>;

/** The pages, and the files that they show or link to, as they are. */
export const handWritten = (
  documents: readonly ModelDocument[],
  ofExamples: Examples,
): { readonly pages: readonly Page[]; readonly files: ReadonlyMap<string, Uint8Array> } => {
  const written = Object.keys(order)
    .filter((file) => file.endsWith('.md'))
    .map((file) => {
      const path = pathOf(file) as string;
      const rendered = renderMarkdown(read(file), file, path, pathOf);
      return { rendered, page: { path, title: rendered.title, styles, main: article(rendered.html) } };
    });
  const { page, rendered } = front(documents);
  const linked = [...written.map((each) => each.rendered), ...rendered].flatMap(({ linked }) => linked);
  const copied = [...new Set(linked)].filter((file) => shownAsTheyAre.test(file));
  return {
    pages: [page, ...written.map(({ page }) => page), examples(ofExamples)],
    files: new Map(copied.map((file) => [file, readFileSync(join(root, file))])),
  };
};
