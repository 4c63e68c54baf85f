/**
 * Digits as somebody's pen draws them: for each, its strokes in a square of side 1.
 */
import type { Stroke } from '../../../site/try/strokes.js';

type Pair = readonly [x: number, y: number];

const line = (...points: readonly Pair[]): Stroke => points.map(([x, y]) => ({ x, y }));

/** Part of an ellipse; angles in turns, clockwise from the right. */
const arc = (center: Pair, radius: Pair, from: number, to: number): readonly Pair[] =>
  Array.from({ length: 9 }, (_, i) => {
    const angle = 2 * Math.PI * (from + ((to - from) * i) / 8);
    return [center[0] + radius[0] * Math.cos(angle), center[1] + radius[1] * Math.sin(angle)];
  });

/** The strokes of each digit from 0 on. */
export const glyphs: readonly (readonly Stroke[])[] = [
  [line(...arc([0.5, 0.5], [0.2, 0.32], -0.25, 0.75))],
  [line([0.4, 0.28], [0.54, 0.17], [0.52, 0.84])],
  [line(...arc([0.5, 0.34], [0.2, 0.17], 0.5, 1.1), [0.3, 0.83], [0.74, 0.83])],
  [line(...arc([0.46, 0.33], [0.2, 0.16], 0.58, 1.22), ...arc([0.46, 0.66], [0.23, 0.18], -0.22, 0.42))],
  [line([0.5, 0.15], [0.28, 0.56], [0.74, 0.56]), line([0.62, 0.36], [0.56, 0.86])],
  [line([0.7, 0.18], [0.38, 0.18], [0.36, 0.46], ...arc([0.48, 0.63], [0.21, 0.2], -0.3, 0.4))],
  [line([0.54, 0.15], [0.38, 0.45], ...arc([0.51, 0.68], [0.15, 0.16], 0.5, 1.5))],
  [line([0.3, 0.18], [0.72, 0.18], [0.46, 0.85]), line([0.38, 0.52], [0.68, 0.52])],
  [line(...arc([0.5, 0.32], [0.16, 0.16], 0.25, -0.75), ...arc([0.5, 0.67], [0.19, 0.19], -0.25, 0.75))],
  [line(...arc([0.5, 0.34], [0.18, 0.18], 0, -1), [0.66, 0.6], [0.56, 0.85])],
];
