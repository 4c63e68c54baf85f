/** `renga list`: the presets and their sizes; the rows of the papers' tables, counted. */
import type { Command } from 'commander';
import { count } from '../../lib/data/trees.js';
import { showBytes, showCount, showFlops } from '../../lib/data/quantities.js';
import { summary } from '../../lib/graph/index.js';
import { print, table, terminalWidth, wrapped } from '../print.js';
import { presets } from '../../presets/index.js';
import { paperRows } from '../../presets/paperRows.js';
import type { AnyPreset } from '../../presets/preset.js';

const all: Readonly<Record<string, AnyPreset>> = presets;

const sizes = () =>
  Object.values(all).map((preset) => {
    const parameters = count(preset().outline.params);
    return { name: preset.card.name, parameters, bytes: 4 * parameters, title: preset.card.title };
  });

/** Rows of the papers with what is counted here. */
const counted = () =>
  paperRows.map((row) => {
    if ('unpublished' in row) {
      const { preset, name, source, unpublished } = row;
      return { name, preset, published: { source }, unpublished };
    }
    const { preset, name, changes, inputs, parameters, flops, source, difference } = row;
    const model = all[preset](changes);
    const found = summary(model.network, inputs ?? model.inputs);
    return {
      ...{ name, preset, changes, parameters: found.parameters, flops: found.flops },
      published: { parameters, flops, source },
      difference,
    };
  });

type Counted = ReturnType<typeof counted>[number];

/** The paper of a source, and the place in it. */
const placeOf = ({ published: { source } }: Counted): readonly [paper: string, place: string] => {
  const comma = source.indexOf(', ');
  return [source.slice(0, comma), source.slice(comma + 2)];
};

/** Notes under the table, each once, with the rows that it is of. */
const notesOf = (rows: readonly Counted[]): readonly string[] => {
  const noted = new Map<string, string[]>();
  for (const row of rows) {
    const note = 'unpublished' in row ? `not published: ${row.unpublished}` : row.difference;
    if (note !== undefined) noted.set(note, [...(noted.get(note) ?? []), row.name]);
  }
  return [...noted].map(([note, names]) => `${names.join('; ')}: ${note}`);
};

const showCounted = (rows: readonly Counted[]): string => {
  const papers = [...new Set(rows.map((row) => placeOf(row)[0]))];
  const figures = (row: Counted) =>
    'unpublished' in row
      ? ['–', '–', '–', '–']
      : [
          ...[showCount(row.parameters), row.published.parameters ?? '–'],
          ...[showFlops(row.flops), row.published.flops ?? '–'],
        ];
  const sourceOf = (row: Counted) => {
    const [paper, place] = placeOf(row);
    return `[${papers.indexOf(paper) + 1}] ${place}`;
  };
  return [
    table(
      ['row', 'parameters', 'paper', 'FLOPs', 'paper', 'source'],
      rows.map((row) => [row.name, ...figures(row), sourceOf(row)]),
    ),
    '',
    ...papers.map((paper, i) => `[${i + 1}] ${paper}`),
    '',
    ...notesOf(rows).flatMap((note) => wrapped(note, terminalWidth())),
  ].join('\n');
};

/** Adds `renga list`. */
export const list = (program: Command): void => {
  program
    .command('list')
    .description('list all presets with their sizes')
    .option(
      '--papers',
      "list the rows of the papers' tables: parameters and FLOPs as counted here, beside the published ones",
    )
    .option('--json', 'print JSON')
    .action(({ papers, json }: { papers?: boolean; json?: boolean }) => {
      if (papers) {
        const rows = counted();
        return print(json, rows, () => showCounted(rows));
      }
      const rows = sizes();
      print(json, rows, () =>
        table(
          ['preset', 'parameters', 'float32', ''],
          rows.map(({ name, parameters, bytes, title }) => [name, parameters, showBytes(bytes), title]),
        ),
      );
    });
};
