/**
 * Pieces of a layout: what is where, and how pieces are moved and put together.
 */
import type { Arrow, Block, BlockGroup } from '../document.js';
import type { Line } from './boxes.js';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A block; where it is a stack, another box shows behind it. */
export interface LaidBlock extends Rectangle {
  readonly block: Block;
  readonly lines: readonly Line[];
}

/** The text of an arrow. */
export interface LaidLabel extends Rectangle {
  readonly arrow: Arrow;
  readonly lines: readonly Line[];
}

export interface LaidFrame extends Rectangle {
  readonly group: BlockGroup;
  readonly title: Rectangle & { readonly lines: readonly Line[] };
}

/** A piece of an arrow, from its start: down or up through lanes, and sideways between them. */
export interface LaidLine {
  readonly kind: Arrow['kind'];
  readonly isUnused: boolean;
  readonly lanes: readonly { readonly x: number; readonly from: number; readonly to: number }[];
  readonly isLast: boolean;
}

/** An arrow from a block to itself, at its right side. */
export type LaidLoop = Rectangle & { readonly kind: Arrow['kind'] };

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly blocks: readonly LaidBlock[];
  readonly labels: readonly LaidLabel[];
  readonly frames: readonly LaidFrame[];
  readonly lines: readonly LaidLine[];
  readonly loops: readonly LaidLoop[];
}

export type Parts = Omit<Layout, 'height' | 'width'>;

export const nothing: Parts = { blocks: [], labels: [], frames: [], lines: [], loops: [] };

export const joined = (parts: readonly Parts[]): Parts => ({
  blocks: parts.flatMap(({ blocks }) => blocks),
  labels: parts.flatMap(({ labels }) => labels),
  frames: parts.flatMap(({ frames }) => frames),
  lines: parts.flatMap(({ lines }) => lines),
  loops: parts.flatMap(({ loops }) => loops),
});

export const shifted = (parts: Parts, dx: number, dy: number): Parts => {
  const move = <R extends Rectangle>(at: R): R => ({ ...at, x: at.x + dx, y: at.y + dy });
  return {
    blocks: parts.blocks.map(move),
    labels: parts.labels.map(move),
    frames: parts.frames.map((frame) => ({ ...move(frame), title: move(frame.title) })),
    loops: parts.loops.map(move),
    lines: parts.lines.map((line) => ({
      ...line,
      lanes: line.lanes.map(({ x, from, to }) => ({ x: x + dx, from: from + dy, to: to + dy })),
    })),
  };
};

/** Parts in a rectangle of their own, from its left upper corner. */
export interface Laid {
  readonly width: number;
  readonly height: number;
  readonly parts: Parts;
  /** Distances of the ports from the middle of the frame. */
  readonly ports: ReadonlyMap<string, number>;
}
