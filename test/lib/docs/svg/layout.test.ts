/** What is laid out does not overlap, whatever the view. */
import t from 'tap';
import fc from 'fast-check';
import type { View } from '../../../../lib/docs/document.js';
import { layout, type Layout } from '../../../../lib/docs/svg/index.js';
import { isWithin, overlap, overlaps, type Room } from './drawnTexts.js';
import { anyView, arrow, block, group, view } from './views.js';

type Point = readonly [x: number, y: number];

/** Points along a line: as drawn, curves have their handles halfway between lanes. */
const alongLine = ({ lanes }: Layout['lines'][number]): readonly Point[] =>
  lanes.flatMap(({ x, from, to }, i) => {
    const steps = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];
    const straight = steps.map((s): Point => [x, from + s * (to - from)]);
    const last = lanes[i - 1];
    if (!last) return straight;
    const half = (last.to + from) / 2;
    const curve = steps.map((s): Point => {
      const [a, b, c, d] = [(1 - s) ** 3, 3 * s * (1 - s) ** 2, 3 * s ** 2 * (1 - s), s ** 3];
      return [a * last.x + b * last.x + c * x + d * x, a * last.to + b * half + c * half + d * from];
    });
    return [...curve, ...straight];
  });

const holds = (room: Room, [x, y]: Point): boolean =>
  x > room.x + 1 && x < room.x + room.width - 1 && y > room.y + 1 && y < room.y + room.height - 1;

/** All that is wrong with a layout, in words. */
const faultsOf = (laid: Layout, { groups }: View): readonly string[] => {
  const parent = new Map(groups.map(({ id, group }) => [id, group]));
  const isIn = (inner: string | undefined, outer: string): boolean =>
    inner !== undefined && (inner === outer || isIn(parent.get(inner), outer));
  const texts = [
    ...laid.blocks.map((at) => ({ ...at, what: at.block.id })),
    ...laid.labels.map((at) => ({ ...at, what: `label ${at.lines.map(({ text }) => text).join(' ')}` })),
    ...laid.frames.map(({ title, group }) => ({ ...title, what: `title ${group.id}` })),
    ...laid.loops.map((at) => ({ ...at, what: 'loop' })),
  ];
  const whole = { x: 0, y: 0, width: laid.width, height: laid.height };
  return [
    ...overlaps(texts).map(([a, b]) => `${a.what} on ${b.what}`),
    ...[...texts, ...laid.frames].filter((at) => !isWithin(at, whole)).map(() => 'outside of the drawing'),
    ...laid.frames.flatMap((frame) => [
      ...laid.blocks.flatMap((at) => {
        const isInside = isIn(at.block.group, frame.group.id);
        return (isInside ? isWithin(at, frame) : !overlap(at, frame))
          ? []
          : [`${at.block.id}, ${frame.group.id}`];
      }),
      ...(isWithin(frame.title, frame) ? [] : [`title of ${frame.group.id}`]),
    ]),
    ...laid.frames.flatMap((a, i) =>
      laid.frames.slice(i + 1).flatMap((b) => {
        const isNested = isIn(a.group.id, b.group.id) || isIn(b.group.id, a.group.id);
        return isNested || !overlap(a, b) ? [] : [`${a.group.id} on ${b.group.id}`];
      }),
    ),
    ...laid.lines.flatMap((line) =>
      alongLine(line).flatMap((point) =>
        texts.flatMap((text) => (holds(text, point) ? [`a line through ${text.what}`] : [])),
      ),
    ),
  ];
};

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
