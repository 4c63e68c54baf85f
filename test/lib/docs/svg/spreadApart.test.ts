import t from 'tap';
import * as fc from '../../../property.js';
import { rowWidth, spreadApart } from '../../../../lib/docs/svg/spreadApart.js';

const thing = (wish: number, width = 10, weight = 1) => ({ wish, width, weight, gap: 2 });

t.test('things that have room stay where they would like to be', async (t) => {
  t.same(spreadApart([thing(5), thing(50)]), [5, 50]);
});

t.test('two that want the same place stand on both sides of it', async (t) => {
  t.same(spreadApart([thing(100), thing(100)]), [94, 106]);
});

t.test('the heavier one moves less', async (t) => {
  t.same(spreadApart([thing(100, 10, 3), thing(100, 10, 1)]), [97, 109]);
});

t.test('all are within what they are given', async (t) => {
  t.same(spreadApart([thing(-50), thing(400)], 0, 100), [5, 95]);
});

t.test('none are nearer than they may be, and a row that fits in stays in', async () => {
  const things = fc.array(
    fc.record({
      wish: fc.integer({ min: -500, max: 500 }),
      width: fc.nat(80),
      weight: fc.integer({ min: 1, max: 9 }),
      gap: fc.nat(20),
    }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(things, (row) => {
      const room = rowWidth(row) + 10;
      const xs = spreadApart(row, 0, room);
      const isApart = xs.every(
        (x, i) => i === 0 || x - xs[i - 1] >= (row[i - 1].width + row[i].width) / 2 + row[i].gap - 1e-6,
      );
      const isIn = xs[0] - row[0].width / 2 >= -1e-6 && xs.at(-1)! + row.at(-1)!.width / 2 <= room + 1e-6;
      return isApart && isIn;
    }),
  );
});
