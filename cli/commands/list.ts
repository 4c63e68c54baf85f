/** `renga list`: the presets and their sizes; the rows of the papers' tables, counted. */
import type { Command } from 'commander';
import { count } from '../../lib/data/trees.js';
import { showBytes, showCount, showFlops } from '../../lib/data/quantities.js';
import { summary } from '../../lib/graph/index.js';
import { print, table } from '../print.js';
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
  paperRows.map(({ preset, name, changes, inputs, parameters, flops, source, difference }) => {
    const model = all[preset](changes);
    const found = summary(model.network, inputs ?? model.inputs);
    return {
      ...{ name, preset, changes, parameters: found.parameters, flops: found.flops },
      published: { parameters, flops, source },
      difference,
    };
  });

const showCounted = (rows: ReturnType<typeof counted>): string =>
  [
    table(
      ['row', 'parameters', 'published', 'FLOPs', 'published', 'source'],
      rows.map(({ name, parameters, flops, published }) => [
        ...[name, showCount(parameters), published.parameters ?? '–'],
        ...[showFlops(flops), published.flops ?? '–', published.source],
      ]),
    ),
    ...rows.flatMap(({ name, difference }) => (difference ? [`${name}: ${difference}`] : [])),
  ].join('\n');

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
