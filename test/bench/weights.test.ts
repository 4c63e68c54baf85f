/** Agreement with whole weights: the largest difference, and the likeliest of each row that counts. */
import t from 'tap';
import { agreementOf } from '../../bench/weights/agreement.js';
import { float32 } from '../../lib/data/array.js';

const expected = float32([3, 2], [1, 2, 4, 3, 0, 1]);
const found = float32([3, 2], [1, 2, 3, 3.5, 0, 1]);

t.test('differences are relative to the largest value, agreement is a share of rows', async (t) => {
  t.same(agreementOf(found, expected), { difference: 0.25, agreement: 2 / 3 });
  t.same(
    agreementOf(found, expected, (row) => row !== 1),
    { difference: 0.25, agreement: 1 },
  );
  t.same(agreementOf(expected, expected), { difference: 0, agreement: 1 });
});
