/** `renga starcraft`: units of a game to vectors. */
import type { Command } from 'commander';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type InputError, showInputError } from '../../lib/data/inputError.js';
import type { Weights } from '../../lib/data/leaf.js';
import { checkPlace, writeBytes } from '../../lib/files/bytes.js';
import { attentionMap } from '../../presets/attentionMap.js';
import { parseEntities } from '../../presets/starcraft/run/entityFile.js';
import type { Entities, Entity } from '../../presets/starcraft/run/features.js';
import { unitsPage } from '../attend/units.js';
import { onEach } from '../each.js';
import { runOrFail, UsageError } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { type FileKind, type Input, namedInputs } from '../inputs.js';
import { loadModel, markOf, type ModelNamed } from '../load.js';
import { examples, modelOptions } from '../options.js';
import { expectEnding } from '../outputs.js';

const unitFiles: FileKind = { called: 'units', endings: ['json', 'csv'] };

const readUnits = ({ name, bytes }: Input): TaskEither<InputError, Entities> =>
  pipe(
    bytes,
    TE.chainEitherK((read) => parseEntities(name, new TextDecoder().decode(read))),
  );

interface StarcraftOptions extends RunOptions {
  readonly map?: string;
  readonly json?: boolean;
}

/** The page of a map of units, with attention of the encoder and of each unit's query. */
const mapOf = async (
  model: ModelNamed<'starcraft'>,
  weights: Weights,
  { title, isUntrained }: { readonly title: string; readonly isUntrained: boolean },
  units: Entities,
): Promise<string> => {
  const onUnits = { ...model, inputGrid: { shape: [model.config.numEntities], start: 0 } };
  const rows = async (layer?: string) => {
    const found = await runOrFail(showInputError, attentionMap(onUnits, weights, units, { layer }));
    const { shape, data } = found.maps[0].weights;
    return Array.from({ length: Math.min(shape[0], units.length) }, (_, i) =>
      data.subarray(i * shape[1], i * shape[1] + units.length),
    );
  };
  const [[byLatents], byUnits] = [await rows(), await rows('decoder')];
  return unitsPage({ title, units: units as readonly Entity[], isUntrained, byLatents, byUnits });
};

const size = (vector: readonly number[]): number => Math.hypot(...vector);

/** Adds `renga starcraft UNITS…`. */
export const starcraft = (program: Command): void => {
  const command = program
    .command('starcraft')
    .argument('<files...>', 'lists of units in JSON or CSV, folders of them, - for the standard input')
    .description('encode the units of a StarCraft II map: a vector for each, and one for all of them');
  runOptions(modelOptions(command))
    .option(
      '--map <file>',
      'write a page of one file of units: where they are, and what the model attends to',
    )
    .option('--json', 'print JSON with the vectors, a line for each file')
    .addHelpText(
      'after',
      `
A unit needs unitType, alliance (1 own, 2 ally, 3 neutral, 4 enemy), x and y:

  [{ "unitType": 48, "alliance": 1, "x": 30, "y": 71.5, "health": 45 }]

or in CSV with the names of fields in the first line. Ids of attributes and
buffs stand in one cell, with spaces between them.
` +
        examples(
          'starcraft units.json --seed 42 --json',
          'starcraft units.csv --map map.html --checkpoint starcraft.npz',
        ),
    )
    .action(async (files: string[], options: StarcraftOptions) => {
      const { json, map } = options;
      if (map !== undefined) expectEnding('--map', map, '.html');
      const model = await loadModel('starcraft', options, ['starcraft']);
      const inputs = await namedInputs(files, unitFiles);
      if (map !== undefined && inputs.length !== 1) throw new UsageError('--map is for one file of units');
      if (map !== undefined) await runOrFail(showInputError, checkPlace(map));
      await withRunner(model, options, (runner) =>
        onEach(inputs, { json, label: 'encoding' }, async (input) => {
          const units = await runOrFail(showInputError, readUnits(input));
          const vectors = await runOrFail(showInputError, model.run(runner.weights, units, { runner }));
          const { entityEmbeddings, embeddedEntity } = vectors;
          const width = embeddedEntity.length;
          if (map !== undefined) {
            const page = await mapOf(
              model,
              runner.weights,
              { title: input.name, isUntrained: options.seed !== undefined },
              units,
            );
            await runOrFail(showInputError, writeBytes(map, new TextEncoder().encode(page)));
          }
          return {
            json: { file: input.name, ...vectors, ...markOf(options) },
            text:
              `${input.name}  ${entityEmbeddings.length} vectors of ${width}, ` +
              `one for all of length ${size(embeddedEntity).toFixed(3)}; --json prints them`,
          };
        }),
      );
    });
};
