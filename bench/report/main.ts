/** The command `npm run bench:report`: the pages and the charts of files of results. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { root } from '../folders.js';
import { install } from '../install.js';
import { readResults, type Results } from '../results.js';
import { chartsOf, draw } from './charts.js';
import { markdownOf } from './markdown.js';
import { peersMarkdown } from './peers.js';
import { stepsMarkdown } from './steps.js';

const [begin, end] = ['<!-- results:begin -->', '<!-- results:end -->'];

/** Replaces the generated text between the marks of a page; the text around them is written by people. */
const between = (page: string, made: string): string => {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${made}\n\n${page.slice(to)}`;
};

const resultsIn = (file: string): Results => {
  const results = readResults(file);
  if (E.isLeft(results)) throw new Error(results.left);
  return results.right;
};

const writePage = async (page: string, title: string, made: string): Promise<void> => {
  const text = existsSync(page) ? readFileSync(page, 'utf8') : `# ${title}\n\n${begin}\n${end}\n`;
  const { format } = await import('prettier');
  writeFileSync(page, await format(between(text, made), { parser: 'markdown', printWidth: 110 }));
};

const report = async (file: string): Promise<void> => {
  const results = resultsIn(file);
  install();
  const folder = dirname(file);
  const charts = chartsOf(results.rows);
  for (const chart of charts) writeFileSync(join(folder, chart.file), `${await draw(chart)}\n`);
  const made = markdownOf(
    results,
    charts.map(({ file, caption }) => [file, caption]),
  );
  await writePage(join(folder, 'README.md'), 'Performance', made);
};

const reportPeers = (file: string): Promise<void> =>
  writePage(join(dirname(file), 'peers.md'), 'Beside PyTorch and JAX', peersMarkdown(resultsIn(file)));

const reportSteps = (file: string): Promise<void> =>
  writePage(join(dirname(file), 'steps.md'), 'Training steps', stepsMarkdown(resultsIn(file)));

interface Asked {
  readonly peers?: string;
  readonly steps?: string;
}

const main = async (file: string | undefined, { peers, steps }: Asked): Promise<void> => {
  const [ours, theirs, trained] = ['results.json', 'peers.json', 'steps.json'].map((name) =>
    join(root, 'docs', 'performance', name),
  );
  const isAsked = file !== undefined || peers !== undefined || steps !== undefined;
  if (peers !== undefined) await reportPeers(peers);
  else if (!isAsked && existsSync(theirs)) await reportPeers(theirs);
  if (steps !== undefined) await reportSteps(steps);
  else if (!isAsked && existsSync(trained)) await reportSteps(trained);
  if (file !== undefined || !isAsked) await report(file ?? ours);
};

await new Command('bench:report')
  .description(
    'makes the pages and the charts beside files of results; those in docs/performance if none is named',
  )
  .argument('[file]', 'what `npm run bench -- --json` wrote')
  .option('--peers <file>', 'what `npm run bench:peers -- --json` wrote')
  .option('--steps <file>', 'what `npm run bench:peers -- --steps --json` wrote')
  .action((file: string | undefined, options: Asked) =>
    main(file, options).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }),
  )
  .parseAsync();
