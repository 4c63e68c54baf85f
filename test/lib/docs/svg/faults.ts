/** Faults of a layout: overlaps, parts outside, lines through texts, crossings. */
import type { View } from '../../../../lib/docs/document.js';
import type { Layout } from '../../../../lib/docs/svg/index.js';
import { isWithin, overlap, overlaps, type Room } from './drawnTexts.js';

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

/** Points with the edges of the box around them. */
interface Boxed {
  readonly points: readonly Point[];
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const boxed = (points: readonly Point[]): Boxed => {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return {
    points,
    ...{ left: Math.min(...xs), right: Math.max(...xs) },
    ...{ top: Math.min(...ys), bottom: Math.max(...ys) },
  };
};

const boxOf = ({ x, y, width, height }: Room): Boxed =>
  boxed([
    [x, y],
    [x + width, y + height],
  ]);

/** Tells if two boxes meet; lines in boxes that do not cannot cross. */
const meet = (a: Boxed, b: Boxed): boolean =>
  a.left <= b.right && b.left <= a.right && a.top <= b.bottom && b.top <= a.bottom;

const holds = (room: Room, [x, y]: Point): boolean =>
  x > room.x + 1 && x < room.x + room.width - 1 && y > room.y + 1 && y < room.y + room.height - 1;

/** All that is wrong with a layout, in words. */
export const faultsOf = (laid: Layout, { groups }: View): readonly string[] => {
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
    ...laid.lines.flatMap((line) => {
      const points = alongLine(line);
      const box = boxed(points);
      return texts
        .filter((text) => meet(box, boxOf(text)))
        .flatMap((text) =>
          points.flatMap((point) => (holds(text, point) ? [`a line through ${text.what}`] : [])),
        );
    }),
  ];
};

/** On which side of a line from a to b. */
const side = (a: Point, b: Point, c: Point): number =>
  Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));

const cross = (a: Point, b: Point, c: Point, d: Point): boolean =>
  side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;

/** The number of crossings. */
export const crossingsOf = ({ lines }: Layout): number => {
  const boxes = lines.map((line) => {
    const points = alongLine(line);
    return { line: boxed(points), steps: points.slice(1).map((b, i) => boxed([points[i], b])) };
  });
  let count = 0;
  boxes.forEach((first, i) => {
    for (const second of boxes.slice(i + 1).filter(({ line }) => meet(line, first.line))) {
      const near = second.steps.filter((step) => meet(step, first.line));
      for (const step of first.steps)
        for (const other of near)
          if (meet(step, other) && cross(step.points[0], step.points[1], other.points[0], other.points[1]))
            count++;
    }
  });
  return count;
};
