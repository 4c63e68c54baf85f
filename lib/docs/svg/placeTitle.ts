/**
 * The place of a frame's title: beside the lines that enter at the top, in a frame that is widened as little as
 * possible.
 */

export interface TitleRoom {
  /** Width of the title. */
  readonly wanted: number;
  /** Width of what is in the frame. */
  readonly width: number;
  /** The largest width of the frame. */
  readonly room: number;
  /** Positions of the lines that enter at the top. */
  readonly entering: readonly number[];
}

export interface TitlePlace {
  readonly x: number;
  /** Less than wanted, where there is no room. */
  readonly width: number;
  /** Width of what is in the frame and the title. */
  readonly around: number;
  /** The distance by which the frame's content moves to the right. */
  readonly shift: number;
}

const besideLine = 10;
const evenUpTo = 50;

/** The intervals without an entering line, from left to right. */
const openings = (width: number, entering: readonly number[]): readonly (readonly [number, number])[] => {
  const lines = entering.toSorted((a, b) => a - b);
  const starts = [0, ...lines.map((x) => x + besideLine)];
  const ends = [...lines.map((x) => x - besideLine), width];
  return starts.map((start, i) => [start, ends[i]]);
};

export const placeTitle = ({ wanted, width, room, entering }: TitleRoom): TitlePlace => {
  const open = openings(width, entering);
  const fitting = open.find(([start, end]) => end - start >= wanted);
  if (fitting) return { x: fitting[0], width: wanted, around: width, shift: 0 };
  const missing = wanted - (open[0][1] - open[0][0]);
  if (entering.length === 0) return { x: 0, width: wanted, around: wanted, shift: missing / 2 };
  // Even sides look best, unless they take much.
  for (const sides of missing > evenUpTo ? [1] : [2, 1])
    if (width + sides * missing <= room)
      return { x: 0, width: wanted, around: width + sides * missing, shift: missing };
  const [start, end] = open.reduce((best, next) => (next[1] - next[0] > best[1] - best[0] ? next : best));
  return { x: start, width: Math.max(end - start, 0), around: width, shift: 0 };
};
