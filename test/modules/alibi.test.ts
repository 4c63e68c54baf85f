/** ALiBi: slopes as published, and one number for each distance. */
import t from 'tap';
import { engine, type Scope } from '../../lib/index.js';
import { alibi, alibiSlopes } from '../../modules/alibi.js';

await engine();

t.test('slopes are those of the paper', async (t) => {
  t.same(alibiSlopes(8), [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 32, 1 / 64, 1 / 128, 1 / 256]);
  t.same(alibiSlopes(1), [1 / 256]);
  t.same(alibiSlopes(6), [1 / 4, 1 / 16, 1 / 64, 1 / 256, 1 / 2, 1 / 8]);
});

t.test(
  'scores fall with the distance, whose zero is the entry of the last key and the last query',
  async (t) => {
    const table = alibi()({} as Scope, { heads: 2, queries: 2, keys: 3 });
    t.same(table.shape, [2, 4]);
    // Distances −2, −1, 0, 1; slopes 1/16, 1/256.
    t.same([...table.dataSync()].slice(0, 4), [-2 / 16, -1 / 16, -0, -1 / 16]);
  },
);
