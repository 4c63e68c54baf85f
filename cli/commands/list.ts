/** `renga list`: the presets and their sizes. */
import type { Command } from 'commander';
import { count } from '../../lib/data/trees.js';
import { showBytes } from '../../lib/data/quantities.js';
import { print, table } from '../print.js';
import { presets } from '../../presets/index.js';
import type { AnyPreset } from '../../presets/preset.js';

/** Adds `renga list`. */
export const list = (program: Command): void => {
  program
    .command('list')
    .description('list all presets with their sizes')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) => {
      const rows = Object.values(presets as Record<string, AnyPreset>).map((preset) => {
        const parameters = count(preset().outline.params);
        return { name: preset.card.name, parameters, bytes: 4 * parameters, title: preset.card.title };
      });
      print(json, rows, () =>
        table(
          ['preset', 'parameters', 'float32', ''],
          rows.map(({ name, parameters, bytes, title }) => [name, parameters, showBytes(bytes), title]),
        ),
      );
    });
};
