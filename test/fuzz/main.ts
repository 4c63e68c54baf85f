/**
 * Damages good files of every format, a number of times for each, and tells what became of them. Ends with 1 when one
 * mutant was neither read nor refused, or took too long or too much memory.
 *
 *   npm run fuzz                                 the table that docs/security.md has
 *   npm run fuzz -- --docs                       and writes it there
 *   npm run fuzz -- --count 5000 --format torch  fewer, of one format
 *   npm run fuzz -- --format torch --at 1234     one mutant: its bytes and what it comes to
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { Command, Option } from 'commander';
import { SingleBar } from 'cli-progress';
import { corpora, type FuzzFormat } from './corpus.js';
import { judge } from './judge.js';
import { mutantOf } from './mutant.js';
import { run } from './supervise.js';
import { tableOf } from './table.js';
import { merged, type Tally } from './tally.js';

interface Options {
  readonly count: number;
  readonly format?: FuzzFormat;
  readonly at?: number;
  readonly docs: boolean;
  readonly json: boolean;
}

const formats = Object.keys(corpora) as FuzzFormat[];

const options = new Command()
  .addOption(new Option('--count <n>', 'mutants of each format').default(40_000).argParser(Number))
  .addOption(new Option('--format <format>', 'one format alone').choices(formats))
  .addOption(new Option('--at <n>', 'the mutant of one number').argParser(Number))
  .option('--docs', 'write the table into docs/security.md', false)
  .option('--json', 'print the tallies as JSON', false)
  .parse()
  .opts<Options>();

const page = 'docs/security.md';
const [begin, end] = ['<!-- fuzz:begin -->', '<!-- fuzz:end -->'];

/** Puts the table between its marks in the page. */
const writeTable = (table: string): void => {
  const text = readFileSync(page, 'utf8');
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)];
  if (from < begin.length || to < from) throw new Error(`${page} has no ${begin} and ${end}`);
  writeFileSync(page, `${text.slice(0, from)}\n\n${table}\n\n${text.slice(to)}`);
};

const runAll = async (chosen: readonly FuzzFormat[]): Promise<readonly (readonly [FuzzFormat, Tally])[]> => {
  const bar = new SingleBar({ format: '{bar} {value} of {total} mutants, {name}', noTTYOutput: false });
  bar.start(chosen.length * options.count, 0, { name: '' });
  const tallies: (readonly [FuzzFormat, Tally])[] = [];
  for (const format of chosen) {
    const done = tallies.length * options.count;
    const onProgress = (n: number) => bar.update(done + n, { name: format });
    tallies.push([format, await run({ format, from: 0, to: options.count, onProgress })]);
  }
  bar.stop();
  return tallies;
};

const tell = (tallies: readonly (readonly [FuzzFormat, Tally])[]): void => {
  const total = tallies.map(([, tally]) => tally).reduce(merged);
  const table = tableOf([...tallies, ['together', total]]);
  console.log(options.json ? JSON.stringify(Object.fromEntries(tallies)) : table);
  for (const [format, { failures }] of tallies) {
    for (const { number, problem } of failures) console.error(`${format} --at ${number}: ${problem}`);
  }
  if (options.docs) writeTable(table);
  process.exitCode = total.outcomes.crash ? 1 : 0;
};

if (options.format !== undefined && options.at !== undefined) {
  const bytes = mutantOf(options.format, options.at);
  console.log(Buffer.from(bytes).toString('base64'));
  console.log(judge(options.format, bytes));
} else {
  tell(await runAll(options.format === undefined ? formats : [options.format]));
}
