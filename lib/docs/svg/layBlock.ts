/**
 * A block by itself: its box, the box behind it, and arrows from it to itself.
 */
import type { Block } from '../document.js';
import { blockLines, boxSize, isStack, labelSize, stackStep } from './boxes.js';
import type { LabelOf } from './levels.js';
import { type Laid, nothing } from './parts.js';

const loopWidth = 26;

/** A block with the box behind it and the arrows to itself, in the middle of all that they take. */
export const layBlock = (block: Block, loops: readonly LabelOf[], allFlops: number): Laid => {
  const lines = blockLines(block, allFlops);
  const box = boxSize(block, lines);
  const texts = loops.map(({ arrow, lines }) => ({ arrow, lines, ...labelSize(lines) }));
  const textsHeight = texts.reduce((total, { height }) => total + height, 0);
  const step = isStack(block) ? stackStep : 0;
  const side = loops.length === 0 ? step : step + loopWidth + Math.max(...texts.map(({ width }) => width));
  const height = Math.max(box.height, textsHeight) + step;
  const y = (height - step - box.height) / 2;
  const right = side + box.width + step;
  let below = (height - step - textsHeight) / 2;
  const labels = texts.map((text) => {
    const at = { ...text, x: right + loopWidth, y: below };
    below += text.height;
    return at;
  });
  const [first] = loops;
  const loop = first && {
    ...{ x: right, y: y + box.height * 0.25, width: loopWidth - 6, height: box.height * 0.5 },
    kind: first.arrow.kind,
  };
  return {
    width: box.width + 2 * side,
    height,
    parts: { ...nothing, blocks: [{ ...box, x: side, y, block, lines }], labels, loops: loop ? [loop] : [] },
    ports: new Map(),
  };
};
