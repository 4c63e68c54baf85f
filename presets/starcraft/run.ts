/**
 * A list of entities to a vector for each of them and one for all.
 */
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type HostArray, toFloat32 } from '../../lib/data/array.js';
import { type InputError, showInputErrors } from '../../lib/data/inputError.js';
import type { ModelOf, Run } from '../preset.js';
import type { StarcraftConfig, StarcraftNetwork } from './network.js';
import { encodeEntities, type Entities } from './run/features.js';

/** Vectors of entities. */
export interface EntityVectors {
  /** A vector for each entity, in the order in which they were given. */
  readonly entityEmbeddings: readonly (readonly number[])[];
  /** One vector for all of them. */
  readonly embeddedEntity: readonly number[];
}

type StarcraftModel = ModelOf<
  Pick<StarcraftConfig, 'numEntities' | 'features'>,
  StarcraftNetwork,
  Entities,
  EntityVectors
>;

/** One error that holds several problems. */
const inOne = (problems: readonly InputError[]): InputError =>
  problems.length === 1
    ? problems[0]
    : {
        kind: 'input',
        where: 'entities',
        found: `${problems.length} problems (${showInputErrors(problems, '; ')})`,
        expected: 'none',
      };

/** The first rows of an array [1, rows, width]. */
const rows = (array: HostArray, howMany: number): number[][] => {
  const [, , width] = array.shape;
  const values = toFloat32(array);
  return Array.from({ length: howMany }, (_, i) => [...values.subarray(i * width, (i + 1) * width)]);
};

/** Entities to their vectors; vectors of padding are left out. */
export const embedEntities =
  ({ config, network }: StarcraftModel): Run<Entities, EntityVectors> =>
  (runner, entities) =>
    pipe(
      TE.fromEither(E.mapLeft(inOne)(encodeEntities(config, entities))),
      TE.chainTaskK((encoded) => () => runner.run(network, [encoded.features, encoded.mask])),
      TE.map(({ entityEmbeddings, embeddedEntity }) => ({
        entityEmbeddings: rows(entityEmbeddings, entities.length),
        embeddedEntity: [...toFloat32(embeddedEntity)],
      })),
    );
