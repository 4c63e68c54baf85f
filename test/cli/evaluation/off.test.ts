/** OFF: faces become triangles, and points lie on them evenly. */
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { parseOff, surfacePoints } from '../../../cli/evaluation/off.js';
import { key } from '../../../lib/index.js';

/** A square of area 1 and a triangle of area 3 on another plane. */
const text = `OFF
7 2 0
0 0 0\n1 0 0\n1 1 0\n0 1 0
0 0 5\n3 0 5\n0 2 5
4 0 1 2 3
3 4 5 6
`;

t.test('points are on the surface, as many on each part as its area asks for', (t) => {
  const mesh = parseOff('a.off', text);
  if (E.isLeft(mesh)) return t.fail('no mesh');
  t.equal(mesh.right.length, 3, 'the square is two triangles');
  const points = surfacePoints(mesh.right, 4000, key(1));
  const high = points.filter(([, , z]) => z > 4);
  t.ok(Math.abs(high.length / 4000 - 3 / 4) < 0.03, `${high.length} of 4000`);
  t.ok(high.every(([x, y]) => x >= 0 && y >= 0 && x / 3 + y / 2 <= 1 + 1e-9));
  const low = points.filter(([, , z]) => z < 1);
  t.ok(low.every(([x, y, z]) => x >= 0 && x <= 1 && y >= 0 && y <= 1 && z === 0));
  t.ok(Math.abs(low.reduce((sum, [x]) => sum + x, 0) / low.length - 0.5) < 0.05);
  t.same(points, surfacePoints(mesh.right, 4000, key(1)));
  t.end();
});

t.test('what is no mesh is an error of the input', (t) => {
  for (const wrong of [
    '',
    'PLY',
    'OFF 3 1 0 0 0 0',
    'OFF 3 1 0 0 0 0 1 1 1 2 2 2 3 0 1',
    'OFF 3 1 0 0 0 x 1 1 1 2 0 1 3 0 1 2',
  ])
    t.match(parseOff('a.off', wrong), { left: { where: 'a.off' } }, wrong);
  t.end();
});
