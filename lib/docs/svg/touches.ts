/** The points where lines touch the items they join: at the ports of a frame, side by side along a box. */
import type { Link, Ranks } from './ranks.js';
import { type Entry, jointsOf } from './rows.js';

/** The point where a line touches an item, from the item's middle; undefined if any point will do. */
export type Touch = (link: Link, end: 'from' | 'to') => number | undefined;

/** By the line's id. */
export interface Touches {
  readonly from: ReadonlyMap<string, number>;
  readonly to: ReadonlyMap<string, number>;
}

const furthestApart = 40;

/** Touches of rows in their order: lines along a box come in the order of what is at their other ends. */
export const touchesOf = (
  rows: readonly Entry[][],
  links: readonly Link[],
  ranks: Ranks,
  touch: Touch,
): Touches => {
  const placeOf = new Map(rows.flatMap((row) => row.map((entry, i) => [entry, i] as const)));
  const joints = jointsOf(rows, links, ranks);
  const touchesAt = (end: 'from' | 'to', here: 'lower' | 'upper', there: 'lower' | 'upper') => {
    const along = new Map<Entry, { id: string; place: number; at?: number }[]>();
    for (const joint of joints) {
      const { item } = joint[here];
      if (item?.id !== joint.link[end]) continue;
      const other = joint[there];
      const far = other.item ? touch(joint.link, end === 'from' ? 'to' : 'from') : undefined;
      const place = placeOf.get(other)! + (far ?? 0) / (2 * other.width + 1);
      const known = along.get(joint[here]) ?? [];
      along.set(joint[here], [...known, { id: joint.link.id, place, at: touch(joint.link, end) }]);
    }
    const found = new Map<string, number>();
    for (const [{ item }, lines] of along) {
      const isPoint = item!.isLabel || item!.port;
      const step = isPoint ? 0 : Math.min(item!.width / (lines.length + 1), furthestApart);
      lines
        .sort((a, b) => a.place - b.place)
        .forEach(({ id, at }, i) => found.set(id, at ?? (i - (lines.length - 1) / 2) * step));
    }
    return found;
  };
  return { from: touchesAt('from', 'upper', 'lower'), to: touchesAt('to', 'lower', 'upper') };
};
