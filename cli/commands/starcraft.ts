/** `renga starcraft`: units of a game to vectors. */
import type { Command } from 'commander';
import { either as E, taskEither as TE } from 'fp-ts';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type InputError, inputError, showInputError } from '../../lib/data/inputError.js';
import type { Entities } from '../../presets/starcraft/run/features.js';
import { onEach } from '../each.js';
import { runOrFail } from '../failure.js';
import { type RunOptions, runOptions, withRunner } from '../engine.js';
import { type FileKind, type Input, namedInputs } from '../inputs.js';
import { loadModel, markOf } from '../load.js';
import { examples, modelOptions } from '../options.js';

const unitFiles: FileKind = { called: 'units', endings: ['json'] };

/** A list of units, of which the model checks each; it may be the field `units` of an object. */
const unitsOf = (where: string, json: unknown): E.Either<InputError, Entities> => {
  const list = Array.isArray(json) ? json : (json as { units?: unknown } | null)?.units;
  return Array.isArray(list)
    ? E.right(list as Entities)
    : inputError(where, 'JSON of another kind', 'a list of units, or an object with a list `units`');
};

const readUnits = ({ name, bytes }: Input): TaskEither<InputError, Entities> =>
  pipe(
    bytes,
    TE.chainEitherK((read) => {
      const parsed = E.tryCatch(() => JSON.parse(new TextDecoder().decode(read)) as unknown, E.toError);
      return E.isLeft(parsed)
        ? inputError(name, parsed.left.message.replace(/\s+/g, ' '), 'a file of JSON')
        : unitsOf(name, parsed.right);
    }),
  );

const size = (vector: readonly number[]): number => Math.hypot(...vector);

/** Adds `renga starcraft UNITS…`. */
export const starcraft = (program: Command): void => {
  const command = program
    .command('starcraft')
    .argument('<files...>', 'lists of units in JSON, folders of them, - for the standard input')
    .description('encode the units of a StarCraft II map: a vector for each, and one for all of them');
  runOptions(modelOptions(command))
    .option('--json', 'print JSON with the vectors, a line for each file')
    .addHelpText(
      'after',
      `
A unit needs unitType, alliance (1 own, 2 ally, 3 neutral, 4 enemy), x and y:

  [{ "unitType": 48, "alliance": 1, "x": 30, "y": 71.5, "health": 45 }]
` + examples('starcraft units.json --seed 42 --json'),
    )
    .action(async (files: string[], options: RunOptions & { json?: boolean }) => {
      const { json } = options;
      const model = await loadModel('starcraft', options, ['starcraft']);
      const inputs = await namedInputs(files, unitFiles);
      await withRunner(model, options, (runner) =>
        onEach(inputs, { json, label: 'encoding' }, async (input) => {
          const units = await runOrFail(showInputError, readUnits(input));
          const vectors = await runOrFail(showInputError, model.run(runner.weights, units, { runner }));
          const { entityEmbeddings, embeddedEntity } = vectors;
          const width = embeddedEntity.length;
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
