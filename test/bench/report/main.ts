/** The command `npm run bench:report`: the page and the charts of a file of results. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { either as E } from 'fp-ts';
import { root } from '../folders.js';
import { install } from '../install.js';
import { readResults } from '../results.js';
import { chartsOf, draw } from './charts.js';
import { markdownOf } from './markdown.js';

const [begin, end] = ['<!-- results:begin -->', '<!-- results:end -->'];

/** What is between the marks is made; what is around them is people's. */
const between = (page: string, made: string): string => {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no ${begin} … ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${made}\n\n${page.slice(to)}`;
};

const main = async (file: string): Promise<void> => {
  const results = readResults(file);
  if (E.isLeft(results)) throw new Error(results.left);
  install();
  const folder = dirname(file);
  const charts = chartsOf(results.right.rows);
  for (const chart of charts) writeFileSync(join(folder, chart.file), `${await draw(chart)}\n`);
  const page = join(folder, 'README.md');
  const text = existsSync(page) ? readFileSync(page, 'utf8') : `# Performance\n\n${begin}\n${end}\n`;
  const made = markdownOf(
    results.right,
    charts.map(({ file, caption }) => [file, caption]),
  );
  const { format } = await import('prettier');
  writeFileSync(page, await format(between(text, made), { parser: 'markdown', printWidth: 110 }));
};

await new Command('bench:report')
  .description('makes the page and the charts beside a file of results')
  .argument(
    '[file]',
    'what `npm run bench -- --json` wrote',
    join(root, 'docs', 'performance', 'results.json'),
  )
  .action((file: string) =>
    main(file).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    }),
  )
  .parseAsync();
