/** Layouts have no overlaps, whatever the view. */
import t from 'tap';
import * as fc from '../../../property.js';
import { layout } from '../../../../lib/docs/svg/index.js';
import { isWithin } from './drawnTexts.js';
import { crossingsOf, faultsOf } from './faults.js';
import { anyView, arrow, block, group, view } from './views.js';

t.test('random views have no overlaps, and no line goes through a box or a text', async () => {
  fc.assert(
    fc.property(anyView(9), (of) => {
      const faults = faultsOf(layout(of), of);
      if (faults.length > 0) throw new Error(faults.join('; '));
    }),
    { numRuns: 80 },
  );
});

t.test('every arrow has its text once, unless several that are alike go into one frame', async (t) => {
  const apart = layout(view([block('a'), block('b'), block('c')], [arrow('a', 'b'), arrow('a', 'c')]));
  t.equal(apart.labels.length, 2);
  const inside = [block('a'), block('b', { group: 'g' }), block('c', { group: 'g' })];
  const together = layout(view(inside, [arrow('a', 'b'), arrow('a', 'c')], [group('g')]));
  t.equal(together.labels.length, 1);
  t.equal(together.lines.filter(({ isLast }) => isLast).length, 2);
});

t.test('what comes later stands lower, and a cycle goes up once', async (t) => {
  const cycle = view(
    [block('a'), block('b'), block('c')],
    [arrow('a', 'b'), arrow('b', 'c'), arrow('c', 'a')],
  );
  const laid = layout(cycle);
  t.same(faultsOf(laid, cycle), []);
  const y = laid.blocks.map((at) => at.y);
  t.ok(y[0] < y[1] && y[1] < y[2]);
  const ends = laid.lines
    .filter(({ isLast }) => isLast)
    .map(({ lanes }) => Math.sign(lanes.at(-1)!.to - lanes[0].from));
  t.same(ends, [1, 1, -1]);
});

t.test('an arrow to oneself goes beside the box, one for each shape', async (t) => {
  const loops = view([block('a')], [arrow('a', 'a'), arrow('a', 'a', { shape: [3] })]);
  const laid = layout(loops);
  t.same(faultsOf(laid, loops), []);
  t.equal(laid.labels.length, 2);
  t.equal(laid.loops.length, 1);
});

t.test('nothing, and a frame around nothing', async (t) => {
  t.ok(layout(view([], [])).height > 0);
  const empty = view([], [], [group('outer'), group('inner', 'outer')]);
  const laid = layout(empty);
  t.same(faultsOf(laid, empty), []);
  const [outer, inner] = ['outer', 'inner'].map((id) => laid.frames.find((frame) => frame.group.id === id)!);
  t.ok(isWithin(inner, outer));
});

t.test('forty blocks side by side are broken into rows of 1,000 pixels', async (t) => {
  const ids = Array.from({ length: 40 }, (_, i) => `layer_${i}`);
  const fan = view(
    [block('source'), ...ids.map((id) => block(id)), block('sink')],
    ids.flatMap((id) => [arrow('source', id, { shape: [64] }), arrow(id, 'sink', { shape: [64] })]),
  );
  const laid = layout(fan);
  t.same(faultsOf(laid, fan), []);
  t.ok(laid.width <= 1000, `${laid.width}`);
});

t.test('long names end as they end', async (t) => {
  const path = 'perceiver_encoder/~/self_attention_with_a_name_that_goes_on_and_on/~/attention/~/linear_3';
  const [at] = layout(view([block('a', { label: path })], [])).blocks;
  t.match(at.lines[0].text, /^….*\/linear_3$/);
  t.ok(at.width < 320);
});

t.test('what is not there is named', async (t) => {
  t.throws(() => layout(view([block('a')], [arrow('a', 'b')])), {
    name: 'DiagramError',
    message: "an arrow goes to 'b', but there is no such block",
  });
  t.throws(() => layout(view([block('a', { group: 'g' })], [])), { message: "no group 'g'" });
  t.throws(() => layout(view([], [], [group('a', 'b'), group('b', 'a')])), {
    message: "group 'b' is within itself: b in a in b",
  });
});

t.test('what is in a frame stands in the order of the lines that come in', async (t) => {
  const ids = ['a', 'b', 'c'];
  const crossed = view(
    [...ids.map((id) => block(id)), ...ids.toReversed().map((id) => block(`in ${id}`, { group: 'g' }))],
    ids.map((id, i) => arrow(id, `in ${id}`, { shape: [i + 1] })),
    [group('g')],
  );
  t.equal(crossingsOf(layout(crossed)), 0);
});

t.test('lines that have a straight way are straight', async (t) => {
  const chain = view(
    [block('a'), block('a_longer_name'), block('b')],
    [arrow('a', 'a_longer_name'), arrow('a_longer_name', 'b')],
  );
  const xs = layout(chain).lines.flatMap(({ lanes }) => lanes.map(({ x }) => x));
  t.ok(Math.max(...xs) - Math.min(...xs) < 0.01);
});
