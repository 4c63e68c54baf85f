/** `renga describe`: sources, config and parameters of a preset. */
import type { Command } from 'commander';
import { count } from '../../lib/data/trees.js';
import type { FieldDoc } from '../../lib/docs/document.js';
import { fieldsOf } from '../../lib/docs/fields.js';
import { counted, showBytes } from '../../lib/data/quantities.js';
import type { AnyModel, AnyPreset } from '../../presets/preset.js';
import { treeTable } from '../outlines.js';
import { loadModel, type ModelOptions, presetNamed, shippedCheckpoint } from '../load.js';
import { examples } from '../options.js';
import { print, table, terminalWidth, wrapped } from '../print.js';

/** A row for each field. */
const fieldRows = (fields: readonly FieldDoc[]): [string, string, string][] =>
  fields.map(({ path, value, meaning }) => [
    path,
    value === undefined || path.endsWith('.kind') ? `${value ?? ''}` : JSON.stringify(value),
    meaning,
  ]);

const lines = (label: string, texts: readonly string[] | undefined): string[] =>
  texts?.length
    ? ['', `${label}:`, ...texts.map((text) => `  ${wrapped(text, terminalWidth() - 4).join('\n    ')}`)]
    : [];

const whereIs = (model: AnyModel): string =>
  shippedCheckpoint(model) === undefined ? `${model.card.checkpoint?.url}` : 'comes with the package';

/** Adds `renga describe PRESET`. */
export const describe = (program: Command): void => {
  program
    .command('describe')
    .argument('<preset>', 'name of a preset, as renga list shows it')
    .description('describe a preset: sources, config, every parameter')
    .option('--config <file>', 'change the published config by a file of JSON')
    .option('--checkpoint <file>', 'take the config of these weights, as renga train and finetune write them')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('describe language'))
    .action(async (name: string, options: ModelOptions & { json?: boolean }) => {
      const preset: AnyPreset = presetNamed(name);
      const model = await loadModel(name, options);
      const { card, config, outline } = model;
      const parameters = count(outline.params);
      const { params, state, outputs } = outline;
      print(options.json, { ...card, config, parameters, params, state, outputs }, () =>
        [
          `${card.name}: ${card.title}`,
          wrapped(card.doc, terminalWidth()).join('\n'),
          ...lines('sources', card.sources),
          ...lines('notes', card.notes),
          ...lines('checkpoint', card.checkpoint && [whereIs(model), card.checkpoint.license]),
          '',
          `config (${name}):`,
          table(['field', 'value', 'meaning'], fieldRows(fieldsOf(preset.codec, config))),
          '',
          `${counted(parameters, 'parameter')}, ${showBytes(4 * parameters)} in float32:`,
          treeTable(params),
          ...(Object.keys(state).length ? ['', 'state:', treeTable(state)] : []),
        ].join('\n'),
      );
    });
};
