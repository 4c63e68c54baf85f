/**
 * StarCraft II entities and their feature vectors: every feature of AlphaStar's entity list with its encoding, in one
 * table. Records become host arrays; there are no tensors and no network here.
 *
 * Source: AlphaStar's supplementary material, detailed-architecture.txt, "entity encoder". Details that it leaves open
 * are sizes in the config, or follow google-deepmind/alphastar (AlphaStar Unplugged), components/units.py.
 */
import * as E from 'fp-ts/lib/Either.js';
import { isRecord } from '../../../lib/data/nest.js';
import { float32, type HostArray, int32 } from '../../../lib/data/array.js';
import { config, type ConfigOf, count, required, union, withDefault } from '../../../lib/data/config.js';
import type { InputError } from '../../../lib/data/inputError.js';
import {
  binary,
  cappedCount,
  category,
  type Encoding,
  rootOf,
  share,
  shareAndTenths,
  someOf,
  steps,
  yesOrNo,
} from './encoding.js';

const unpublished = 'not published; ours leaves room';

const recordsConfig = config('records', 'Entities are records, encoded feature by feature.', {
  unitTypes: withDefault(count, 256, { doc: 'Kinds of units.', source: 'detailed-architecture.txt' }),
  attributes: withDefault(count, 13, { doc: 'Attributes of units.', source: 'detailed-architecture.txt' }),
  orders: withDefault(count, 512, { doc: 'Kinds of orders; 0 = none.', source: unpublished }),
  productionOrders: withDefault(count, 128, {
    doc: 'Kinds of orders that build or train, the only ones seen after the first; 0 = none or another.',
    source: unpublished,
  }),
  buffs: withDefault(count, 46, {
    doc: 'Kinds of buffs.',
    source: 'not published; as in AlphaStar Unplugged',
  }),
  addons: withDefault(count, 7, {
    doc: 'Kinds of add-ons; 0 = none.',
    source: 'not published; as in AlphaStar Unplugged: tech lab and reactor, of three buildings',
  }),
  positionBits: withDefault(count, 8, {
    doc: 'Bits of x and of y: maps are up to 2 to this many game units wide.',
    source: 'not published; as in AlphaStar Unplugged: 256 × 256',
  }),
});

const vectorsConfig = config('vectors', 'Entities are vectors that somebody else encoded.', {
  numFeatures: required(count, { doc: 'Width of each vector.' }),
});

export const featuresConfig = union('features', { records: recordsConfig, vectors: vectorsConfig });
type FeaturesConfig = ConfigOf<typeof featuresConfig>;
type Sizes = ConfigOf<typeof recordsConfig>;

/** The encoding of a field, and the value of records without that field. */
interface Field<A, D extends A | undefined = A | undefined> {
  readonly encoding: Encoding<A>;
  readonly absent: D;
}

const needed = <A>(encoding: Encoding<A>): Field<A, undefined> => ({ encoding, absent: undefined });
const zero = (encoding: Encoding<number>): Field<number, number> => ({ encoding, absent: 0 });
const no: Field<boolean, boolean> = { encoding: yesOrNo, absent: false };
const none = (encoding: Encoding<readonly number[]>): Field<readonly number[], readonly number[]> => ({
  encoding,
  absent: [],
});

/** Every feature in the order of the vector. */
const fieldsOf = (sizes: Sizes) => ({
  /** Number among the unit types in play, since the game's own ids go beyond 256. */
  unitType: needed(category(sizes.unitTypes)),
  /** Numbers of the entity's attributes (light, armored, biological …), which are not published. */
  attributes: none(someOf(sizes.attributes)),
  /** 0 = none, 1 = self, 2 = ally, 3 = neutral, 4 = enemy. */
  alliance: needed(category(5)),
  health: zero(rootOf(1500)),
  shields: zero(rootOf(1000)),
  energy: zero(rootOf(200)),
  cargoUsed: zero(cappedCount(9)),
  cargoMax: zero(cappedCount(9)),
  buildProgress: zero(share),
  healthRatio: zero(share),
  shieldRatio: zero(share),
  energyRatio: zero(share),
  /** 1 = visible, 2 = snapshot, 3 = hidden, 4 = placeholder. */
  displayType: zero(category(5)),
  /** Position on the map in game units; fractions are dropped. */
  x: needed(binary(sizes.positionBits)),
  y: needed(binary(sizes.positionBits)),
  /** 0 = unknown, 1 = cloaked, 2 = cloaked and detected, 3 = not cloaked, 4 = cloaked, one's own. */
  cloak: zero(category(5)),
  isPowered: no,
  isHallucination: no,
  isActive: no,
  isOnScreen: no,
  isInCargo: no,
  /** Remaining resources of a mineral field or geyser. */
  minerals: zero(steps(100, 1800)),
  vespene: zero(steps(100, 2500)),
  /** Resources taken from the entity since the game began. */
  minedMinerals: zero(rootOf(1800)),
  minedVespene: zero(rootOf(2500)),
  assignedHarvesters: zero(cappedCount(24)),
  idealHarvesters: zero(cappedCount(17)),
  /** In game steps. */
  weaponCooldown: zero(cappedCount(32)),
  orderQueueLength: zero(cappedCount(9)),
  order1: zero(category(sizes.orders)),
  order2: zero(category(sizes.productionOrders)),
  order3: zero(category(sizes.productionOrders)),
  order4: zero(category(sizes.productionOrders)),
  buffs: none(someOf(sizes.buffs, 2)),
  addon: zero(category(sizes.addons)),
  orderProgress1: zero(shareAndTenths),
  orderProgress2: zero(shareAndTenths),
  weaponUpgrades: zero(cappedCount(4)),
  armorUpgrades: zero(cappedCount(4)),
  shieldUpgrades: zero(cappedCount(4)),
  /** True if the last action selected the entity. */
  wasSelected: no,
  /** True if the last action was aimed at the entity. */
  wasTargeted: no,
});

type Fields = ReturnType<typeof fieldsOf>;
type ValueOf<F> = F extends Field<infer A> ? A : never;
type Needed = { [K in keyof Fields]: Fields[K] extends Field<infer _, undefined> ? K : never }[keyof Fields];

/** A unit, building or resource as a plain record; a field that is left out is 0, false or empty. */
export type Entity = { readonly [K in Needed]: ValueOf<Fields[K]> } & {
  readonly [K in Exclude<keyof Fields, Needed>]?: ValueOf<Fields[K]> | undefined;
};

/** Entities: records, or vectors for models with `features.kind: 'vectors'`. */
export type Entities = readonly Entity[] | readonly ArrayLike<number>[];

/** One feature's place in the vector. */
interface FeaturePart {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

const columnsOf = (sizes: Sizes) => {
  let start = 0;
  return Object.entries(fieldsOf(sizes)).map(([name, { encoding, absent }]) => {
    const column = { name, start, encoding: encoding as Encoding<unknown>, absent: absent as unknown };
    start += encoding.size;
    return column;
  });
};

/** The place of each feature in the vector; empty for vectors that somebody else encoded. */
export const featureParts = (features: FeaturesConfig): readonly FeaturePart[] =>
  features.kind === 'vectors'
    ? []
    : columnsOf(features).map(({ name, start, encoding: { size } }) => ({ name, start, size }));

/** Width of the vectors. */
export const numFeatures = (features: FeaturesConfig): number =>
  features.kind === 'vectors'
    ? features.numFeatures
    : featureParts(features).reduce((sum, { size }) => sum + size, 0);

const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);
};

const problem = (where: string, value: unknown, expected: string): InputError => ({
  kind: 'input',
  where,
  found: shown(value),
  expected,
});

/** Writes one entity into a vector and gives its problems. */
type WriteEntity = (entity: unknown, where: string, vector: Float32Array) => readonly InputError[];

const writeRecord = (sizes: Sizes): WriteEntity => {
  const columns = columnsOf(sizes);
  const known = new Set(columns.map(({ name }) => name));
  return (entity, where, vector) => {
    if (!isRecord(entity) || ArrayBuffer.isView(entity))
      return [problem(where, entity, 'a record of features')];
    const unknown = Object.keys(entity).filter((name) => !known.has(name));
    const wrong = columns.flatMap(({ name, start, encoding, absent }) => {
      const value = (Object.hasOwn(entity, name) ? entity[name] : undefined) ?? absent;
      if (!encoding.accepts(value)) return [problem(`${where}.${name}`, value, encoding.expected)];
      encoding.write(value, vector.subarray(start, start + encoding.size));
      return [];
    });
    const expected = `no such feature (there are ${[...known].join(', ')})`;
    return [...unknown.map((name) => problem(`${where}.${name}`, entity[name], expected)), ...wrong];
  };
};

const writeVector =
  (size: number): WriteEntity =>
  (entity, where, vector) => {
    const isList = Array.isArray(entity) || (ArrayBuffer.isView(entity) && 'length' in entity);
    const values = isList ? Array.from(entity as ArrayLike<unknown>) : [];
    if (!isList || values.length !== size) {
      const found = isList ? `${values.length} numbers` : shown(entity);
      return [{ kind: 'input', where, found, expected: `a vector of ${size} numbers` }];
    }
    return values.flatMap((value, i) => {
      if (!Number.isFinite(value)) return [problem(`${where}[${i}]`, value, 'a finite number')];
      vector[i] = value as number;
      return [];
    });
  };

/** A batch of one, padded. */
interface EncodedEntities {
  /** [1, numEntities, numFeatures] */
  readonly features: HostArray<'float32'>;
  /** [1, numEntities], 1 = an entity, 0 = padding */
  readonly mask: HostArray<'int32'>;
}

/**
 * Entities as arrays, padded to `numEntities`.
 * @returns every problem on the left, each with the entity's index and the field: `entities[3].health`
 */
export const encodeEntities = (
  { numEntities, features }: { readonly numEntities: number; readonly features: FeaturesConfig },
  entities: Entities,
): E.Either<readonly InputError[], EncodedEntities> => {
  if (!Array.isArray(entities)) return E.left([problem('entities', entities, 'a list of entities')]);
  if (entities.length > numEntities) {
    const found = `${entities.length} entities`;
    return E.left([{ kind: 'input', where: 'entities', found, expected: `at most ${numEntities}` }]);
  }
  const width = numFeatures(features);
  const write = features.kind === 'vectors' ? writeVector(width) : writeRecord(features);
  const values = new Float32Array(numEntities * width);
  const problems = entities.flatMap((entity: unknown, i) =>
    write(entity, `entities[${i}]`, values.subarray(i * width, (i + 1) * width)),
  );
  if (problems.length) return E.left(problems);
  const isEntity = Array.from({ length: numEntities }, (_, i) => (i < entities.length ? 1 : 0));
  return E.right({
    features: float32([1, numEntities, width], values),
    mask: int32([1, numEntities], isEntity),
  });
};
