/** StarCraft's entities: the stored case, features by hand, padding and order, and the sizes that the card states. */
import * as E from 'fp-ts/lib/Either.js';
import * as fc from '../../property.js';
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { engine } from '../../../lib/engine/index.js';
import { float32, type HostArray } from '../../../lib/data/array.js';
import { showConfigProblem } from '../../../lib/data/config.js';
import type { Params } from '../../../lib/data/leaf.js';
import { key } from '../../../lib/random/index.js';
import { flatten, map } from '../../../lib/data/tree.js';
import { showInputError } from '../../../lib/data/inputError.js';
import {
  encodeEntities,
  type Entities,
  type Entity,
  featureParts,
  numFeatures,
} from '../../../presets/starcraft/run/features.js';
import { parseEntities } from '../../../presets/starcraft/run/entityFile.js';
import { maskedMean } from '../../../presets/starcraft/network.js';
import { entityTransformer, starcraft } from '../../../presets/starcraft/preset.js';
import { goldenOf, readArrays } from '../../golden/case.js';
import { passes, relativeError } from '../../golden/compare.js';
import { checkProgram, type Program } from '../../golden/program.js';

const tolerance = 5e-5;
/** Padding changes the order of sums in matrix products, and nothing else. */
const rounding = 1e-5;

await engine();

const sizes = {
  num_entities: 14,
  num_features: 23,
  embedding: 16,
  kv_channels: 8,
  output: 16,
  z: 6,
  ch: 24,
  layers: 3,
  heads: 4,
};

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

const left = <A>(either: E.Either<A, unknown>): A => {
  if (E.isRight(either)) throw new Error('nothing is wrong');
  return either.left;
};

t.test("the stored case: init, outputs and gradients are the original's", async (t) => {
  const { network } = right(starcraft.fromHaiku(sizes));
  const layer: Program['layer'] = (s, { features, mask }) => {
    const { entityEmbeddings, embeddedEntity } = network(s, features, mask);
    return { entity_embeddings: entityEmbeddings, embedded_entity: embeddedEntity };
  };
  const golden = goldenOf(readArrays('test/goldens/presets/starcraft.npz'));
  const checks = await checkProgram({ layer, isTraining: false }, golden, tolerance);
  t.same(
    checks.filter((check) => !passes(check)),
    [],
  );
  const kinds = new Set(checks.map(({ array }) => array.split('/')[0]));
  t.same([...kinds], ['param', 'init', 'out', 'grad_param']);
});

t.test("the reference program's sizes: unknown names and bad values are refused, all at once", async (t) => {
  const problems = left(starcraft.fromHaiku({ ...sizes, z: 0, depth: 3 })).map(showConfigProblem);
  t.equal(problems.length, 2);
  t.match(problems[0], /^depth: found 3, expected one of the fields \(num_entities, /);
  t.equal(problems[1], 'z: found 0, expected a whole number from 1');
});

t.test('a config is plain JSON', async (t) => {
  const read = right(starcraft.decode(JSON.parse(JSON.stringify(starcraft.published))));
  t.same(read.config, starcraft().config);
  t.equal(read.config.features.kind, 'records');
});

/** Rows that a matrix is applied to: by path, then whether it reads the entities or the latents. */
const rowsAt = (path: string, entities: number, latents: number): number => {
  const isKeysValues = /cross_attention\/attention\/linear_[12]\/w$/.test(path);
  return path.startsWith('perceiver_encoder') !== isKeysValues ? latents : entities;
};

/** FLOPs of products with matrices, multiplications and additions counted apart. */
const flopsOfMatrices = (params: readonly (readonly [string, { shape: readonly number[] }])[]): number =>
  params
    .filter(([path]) => path.endsWith('/w'))
    .reduce((sum, [path, { shape }]) => sum + 2 * rowsAt(path, 512, 32) * shape[0] * shape[1], 0);

t.test('parameters and FLOPs are what the card says', async (t) => {
  const params = flatten(starcraft().outline.params);
  const isCore = ([path]: readonly [string, unknown]) =>
    /^(perceiver_encoder|basic_decoder|entity_embeddings)\//.test(path);
  const core = params.filter(isCore);
  const count = (entries: typeof params) =>
    entries.reduce((sum, [, { shape }]) => sum + shape.reduce((size, n) => size * n, 1), 0);
  t.equal(count(core), 6_430_464);
  t.equal(count(params), 6_913_408);
  // Scores and weighted sums: encoder 32 × 512 of 128 channels, three times 32 × 32 of 512, decoder 512 × 32 of 512.
  const attention = 4 * (32 * 512 * 128 + 3 * 32 * 32 * 512 + 512 * 32 * 512);
  t.equal(flopsOfMatrices(core) + attention, 929_038_336);
  const notes = starcraft.card.notes?.join('\n') ?? '';
  t.match(notes, /0\.929 GFLOP.* 6,430,464 parameters, the whole preset 6,913,408/);
  t.match(notes, /^paper-consistent; widths not published/);
  t.match(notes, /512×256.*512×128.*128 channels for keys and values and 128/);
});

t.test('the Transformer of AlphaStar takes 3.29 GFLOP, the Perceiver in its place 0.93', async (t) => {
  const params = flatten(entityTransformer().outline.params);
  const core = params.filter(([path]) => /^(self_attention(_\d)?|entity_embeddings)\//.test(path));
  const matrices = core
    .filter(([path]) => path.endsWith('/w'))
    .reduce((sum, [, { shape }]) => sum + 2 * 512 * shape[0] * shape[1], 0);
  const flops = matrices + 3 * 4 * 512 * 512 * 256;
  t.equal(flops, 3_288_334_336);
  t.equal((flops / 929_038_336).toFixed(2), '3.54');
  const size = core.reduce((sum, [, { shape }]) => sum + shape.reduce((product, n) => product * n, 1), 0);
  t.match(
    entityTransformer.card.notes?.join(' '),
    `3.288 GFLOP for 512 entities, and hold ${size.toLocaleString('en')}`,
  );
});

t.test(
  'either encoder gives a vector for each unit and one for all; the order of units does not matter',
  async (t) => {
    for (const preset of [starcraft, entityTransformer]) {
      const small = preset(preset.small as object);
      const weights = small.init(key(3));
      const units: Entity[] = [3, 5, 9].map((unitType) => ({ unitType, alliance: 1, x: unitType, y: 2 }));
      const there = right(await small.run(weights, units)());
      const back = right(await small.run(weights, [...units].reverse())());
      t.same([there.entityEmbeddings.length, there.embeddedEntity.length], [3, 16]);
      const flat = (vectors: typeof there) => [...vectors.entityEmbeddings].flat();
      const turned = { ...back, entityEmbeddings: [...back.entityEmbeddings].reverse() };
      t.ok(relativeError(flat(there), flat(turned)) < rounding);
      t.ok(relativeError(there.embeddedEntity, back.embeddedEntity) < rounding);
    }
  },
);

const model = starcraft();
const { features } = model.config;

/** The non-zero values of one entity's vector by feature: positions in the feature's part with their values. */
const encoded = (entity: Entity): Record<string, readonly (readonly [number, number])[]> => {
  const { features: array } = right(encodeEntities({ numEntities: 1, features }, [entity]));
  return Object.fromEntries(
    featureParts(features).map(({ name, start, size }) => {
      const part = [...(array as HostArray<'float32'>).data.subarray(start, start + size)];
      return [name, part.flatMap((value, i) => (value ? [[i, value] as const] : []))];
    }),
  );
};

const least: Entity = { unitType: 3, alliance: 1, x: 0, y: 0 };

t.test('the width of the vectors is the sum of the features', async (t) => {
  const oneHots =
    256 + 5 + (39 + 32 + 15) + 2 * 9 + 5 + 5 + 5 * 2 + (19 + 26) + (43 + 51) + (24 + 17) + (32 + 9);
  const orders = 512 + 3 * 128 + 2 * (1 + 11);
  const others = 13 + 4 + 2 * 8 + 46 + 7 + 3 * 4 + 2 * 2;
  t.equal(numFeatures(features), oneHots + orders + others);
  t.same(model.outline.params.entity_embedding.w.shape, [oneHots + orders + others, 256]);
  t.equal(
    numFeatures({ ...starcraft({ features: { kind: 'records', orders: 2 } }).config.features }),
    oneHots + orders + others - 510,
  );
});

t.test('what a record leaves out is zero, no or empty', async (t) => {
  const found = encoded(least);
  const of = (...names: string[]) => names.map((name) => found[name]);
  t.same(of('unitType', 'alliance'), [[[3, 1]], [[1, 1]]]);
  t.same(of('health', 'order1', 'addon', 'isPowered'), [[[0, 1]], [[0, 1]], [[0, 1]], [[0, 1]]]);
  t.same(of('buildProgress', 'x', 'buffs', 'attributes'), [[], [], [], []]);
  t.same(of('orderProgress1'), [[[1, 1]]]);
});

t.test('features are encoded as published', async (t) => {
  const cases: readonly (readonly [keyof Entity, unknown, readonly (readonly [number, number])[]])[] = [
    ['health', 45, [[6, 1]]],
    ['health', 48.9, [[6, 1]]],
    ['health', 49, [[7, 1]]],
    ['health', 1500, [[38, 1]]],
    ['health', 9999, [[38, 1]]],
    ['shields', 1000, [[31, 1]]],
    ['energy', 200, [[14, 1]]],
    ['minedMinerals', 1800, [[42, 1]]],
    ['minedVespene', 9999, [[50, 1]]],
    ['minerals', 99, [[0, 1]]],
    ['minerals', 1800, [[18, 1]]],
    ['vespene', 2500, [[25, 1]]],
    ['vespene', 5000, [[25, 1]]],
    ['cargoUsed', 12, [[8, 1]]],
    ['weaponCooldown', 40, [[31, 1]]],
    ['assignedHarvesters', 16, [[16, 1]]],
    ['idealHarvesters', 16, [[16, 1]]],
    ['buildProgress', 0.5, [[0, 0.5]]],
    [
      'x',
      5.9,
      [
        [0, 1],
        [2, 1],
      ],
    ],
    ['y', 255, [0, 1, 2, 3, 4, 5, 6, 7].map((bit) => [bit, 1] as const)],
    ['isHallucination', true, [[1, 1]]],
    [
      'attributes',
      [0, 12],
      [
        [0, 1],
        [12, 1],
      ],
    ],
    [
      'buffs',
      [45, 3, 7],
      [
        [3, 1],
        [45, 1],
      ],
    ],
    [
      'orderProgress2',
      0.25,
      [
        [0, 0.25],
        [3, 1],
      ],
    ],
    [
      'orderProgress2',
      1,
      [
        [0, 1],
        [11, 1],
      ],
    ],
    ['order1', 511, [[511, 1]]],
    ['order4', 127, [[127, 1]]],
    ['weaponUpgrades', 3, [[3, 1]]],
    ['wasTargeted', true, [[1, 1]]],
  ];
  for (const [name, value, expected] of cases) {
    t.same(encoded({ ...least, [name]: value })[name], expected, `${name} ${JSON.stringify(value)}`);
  }
});

t.test('every problem comes back, with the entity and the field', async (t) => {
  const entities = [
    least,
    { ...least, unitType: 256, health: -1, buffs: [46], helth: 3 },
    { alliance: 1, x: 0, y: NaN },
    'a marine',
  ] as unknown as Entities;
  const problems = left(encodeEntities(model.config, entities)).map(showInputError);
  t.equal(problems.length, 7);
  t.match(problems[0], /^entities\[1\]\.helth: found 3, expected no such feature \(there are unitType, /);
  t.same(problems.slice(1), [
    'entities[1].unitType: found 256, expected a whole number from 0 to 255',
    'entities[1].health: found -1, expected a number from 0',
    'entities[1].buffs: found [46], expected a list, each entry a whole number from 0 to 45',
    'entities[2].unitType: found nothing, expected a whole number from 0 to 255',
    'entities[2].y: found NaN, expected a number from 0 up to, not including, 256',
    'entities[3]: found "a marine", expected a record of features',
  ]);
});

t.test('a table has the fields of records; what is wrong with it is told', async (t) => {
  const json = [{ ...least, buffs: [1, 2], isActive: true, health: 45.5 }, least];
  const { unitType, alliance, x, y } = least;
  const common = `${unitType},${alliance},${x},${y}`;
  const csv = `unitType,alliance,x,y,buffs,isActive,health\n${common},1 2,true,45.5\n${common},,,\n`;
  t.same(right(parseEntities('a.csv', csv)), json);
  t.same(right(parseEntities('a.json', JSON.stringify({ units: json }))), json);
  const told = (text: string): string => showInputError(left(parseEntities('a.csv', text)));
  t.match(told('unitType,x,y\n1,2,3\n'), /a column 'alliance' named in the first line/);
  t.match(told('unitType,alliance,x,y\n1,2\n'), /^a\.csv, line 2: found 2 fields, expected 4/);
  const wrong = right(parseEntities('a.csv', `unitType,alliance,x,y,helth\n${common},3\n`));
  t.match(left(encodeEntities(model.config, wrong)).map(showInputError)[0], /helth/);
});

t.test('vectors of somebody else are checked too', async (t) => {
  const { config } = right(starcraft.fromHaiku({ ...sizes, num_features: 2 }));
  const problems = left(encodeEntities(config, [[1, 2], [1], [Infinity, 2], least] as never)).map(
    showInputError,
  );
  t.same(problems, [
    'entities[1]: found 1 numbers, expected a vector of 2 numbers',
    'entities[2][0]: found Infinity, expected a finite number',
    `entities[3]: found ${JSON.stringify(least)}, expected a vector of 2 numbers`,
  ]);
});

/** A small model that reads records. */
const small = (numEntities: number) =>
  starcraft({
    numEntities,
    embeddingChannels: 12,
    kvChannels: 8,
    encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 1, numSelfAttendHeads: 2 },
    decoder: { outputChannels: 8 },
    outputChannels: 10,
  });

/** Weights large enough that entities differ: those of init hardly tell one latent from another. */
const weights = (() => {
  const { params } = small(4).init(key(5));
  const larger = map(params, ({ shape, data }) =>
    float32(
      shape,
      Float32Array.from(data as Float32Array, (x, i) => 2 * x + 0.1 * Math.sin(i)),
    ),
  );
  return { params: larger as Params };
})();

const run = async (numEntities: number, entities: Entities) =>
  right(await small(numEntities).run(weights, entities)());

const entityArbitrary: fc.Arbitrary<Entity> = fc.record({
  unitType: fc.nat(255),
  alliance: fc.nat(4),
  x: fc.nat(255),
  y: fc.nat(255),
  health: fc.nat(2000),
  buffs: fc.array(fc.nat(45), { maxLength: 3 }),
  isActive: fc.boolean(),
});

/** max|a − b| / (1 + max|b|). */
const distance = (a: readonly number[], b: readonly number[]): number =>
  a.length === b.length ? relativeError(a, b) : Infinity;

t.test('padding changes neither entities nor the pooled vector', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(entityArbitrary, { maxLength: 5 }), fc.nat(9), async (entities, padding) => {
      const exact = await run(Math.max(entities.length, 1), entities);
      const padded = await run(Math.max(entities.length, 1) + padding, entities);
      return (
        distance(exact.embeddedEntity, padded.embeddedEntity) <= rounding &&
        padded.entityEmbeddings.length === entities.length &&
        exact.entityEmbeddings.every((each, i) => distance(each, padded.entityEmbeddings[i]) <= rounding)
      );
    }),
    { numRuns: 15, seed: 1, endOnFailure: true },
  );
  const [one, other] = (await run(3, [least, { unitType: 200, alliance: 4, x: 255, y: 99 }]))
    .entityEmbeddings;
  t.ok(distance(one, other) > 100 * rounding, 'entities do differ');
});

t.test('entities in another order have the same vectors in that order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(entityArbitrary, { minLength: 2, maxLength: 6 }), async (entities) => {
      const [there, back] = [await run(7, entities), await run(7, [...entities].reverse())];
      const reversed = [...back.entityEmbeddings].reverse();
      return (
        distance(there.embeddedEntity, back.embeddedEntity) <= rounding &&
        there.entityEmbeddings.every((each, i) => distance(each, reversed[i]) <= rounding)
      );
    }),
    { numRuns: 10, seed: 2, endOnFailure: true },
  );
});

t.test('a mean over nothing is zero, and what is masked does not count', async (t) => {
  const x = tf.tensor3d([1, 2, 3, 4, 50, 60, 7, 8, 9, 10, 11, 12], [2, 3, 2]);
  const mask = tf.tensor2d([1, 1, 0, 0, 0, 0], [2, 3], 'int32');
  t.same([...maskedMean(x, mask).dataSync()], [2, 3, 0, 0]);
});

t.test('too many entities are refused, and a bad one, without touching the model', async (t) => {
  const many = left(await small(2).run(weights, [least, least, least])());
  t.equal(showInputError(many), 'entities: found 3 entities, expected at most 2');
  const one = left(await small(2).run(weights, [{ ...least, x: 256 }])());
  t.equal(
    showInputError(one),
    'entities[0].x: found 256, expected a number from 0 up to, not including, 256',
  );
  const two = left(await small(2).run(weights, [{ ...least, x: 256, alliance: 9 }])());
  t.match(
    showInputError(two),
    /^entities: found 2 problems \(entities\[0\]\.alliance: .*; entities\[0\]\.x: /,
  );
});

t.test('no tensor stays behind', async (t) => {
  const before = tf.memory().numTensors;
  const { entityEmbeddings, embeddedEntity } = await run(4, [least]);
  t.same([entityEmbeddings.length, entityEmbeddings[0].length, embeddedEntity.length], [1, 10, 10]);
  t.equal(tf.memory().numTensors, before);
  const damaged = { params: { ...weights.params, entity_embedding: {} } as never };
  await t.rejects(small(4).run(damaged, [least])(), /entity_embedding/);
  t.equal(tf.memory().numTensors, before);
});
