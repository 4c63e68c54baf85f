/**
 * A canvas to draw on with mouse, finger or pen. It gives strokes, and shows a picture where there are none.
 */
import { type Point, side, type Stroke } from './strokes.js';

export interface Pad {
  /** The strokes so far, in pixels of a square of side `padSide`. */
  readonly strokes: () => readonly Stroke[];
  readonly padSide: number;
  /** Takes the last stroke away. */
  readonly undo: () => void;
  /** Takes everything away, and shows a picture [8, 8] in its place. */
  readonly show: (picture: Float32Array) => void;
}

/** Width of the pen that people see; the model's is made as wide as the data set's. Of the pad's side. */
const penWidth = 0.075;

const contextOf = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => {
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser gives no canvas to draw on');
  return context;
};

/** A picture as a canvas of its own size, its ink in the colour given. */
const inked = (picture: Float32Array, ink: string): HTMLCanvasElement => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  const context = contextOf(canvas);
  context.fillStyle = ink;
  picture.forEach((value, i) => {
    context.globalAlpha = value;
    context.fillRect(i % side, Math.floor(i / side), 1, 1);
  });
  return canvas;
};

const drawHint = (context: CanvasRenderingContext2D, ink: string): void => {
  const { width, height } = context.canvas;
  context.save();
  Object.assign(context, {
    fillStyle: ink,
    globalAlpha: 0.5,
    textAlign: 'center',
    font: '40px system-ui, sans-serif',
  });
  context.fillText('Draw here', width / 2, height / 2);
  context.restore();
};

const drawStroke = (context: CanvasRenderingContext2D, stroke: Stroke): void => {
  context.beginPath();
  stroke.forEach(({ x, y }, i) => (i ? context.lineTo(x, y) : context.moveTo(x, y)));
  if (stroke.length === 1) context.lineTo(stroke[0].x, stroke[0].y + 0.01); // a dot
  context.stroke();
};

/**
 * Makes a pad of a square canvas.
 * @param onChange  called while the pen moves, and once more when it is lifted
 */
export const startPad = (canvas: HTMLCanvasElement, onChange: (isDone: boolean) => void): Pad => {
  const context = contextOf(canvas);
  const padSide = canvas.width;
  let strokes: Point[][] = [];
  let picture: Float32Array | undefined;
  let pen: number | undefined;

  const draw = (): void => {
    const ink = getComputedStyle(canvas).color;
    context.clearRect(0, 0, padSide, padSide);
    if (!strokes.length && !picture?.some((value) => value > 0)) drawHint(context, ink);
    if (picture) context.drawImage(inked(picture, ink), 0, 0, padSide, padSide);
    Object.assign(context, {
      strokeStyle: ink,
      lineWidth: penWidth * padSide,
      lineCap: 'round',
      lineJoin: 'round',
    });
    strokes.forEach((stroke) => drawStroke(context, stroke));
  };

  const placeOf = (event: PointerEvent): Point => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return { x: ((event.clientX - left) / width) * padSide, y: ((event.clientY - top) / height) * padSide };
  };

  canvas.addEventListener('pointerdown', (event) => {
    if (pen !== undefined || event.button !== 0) return;
    pen = event.pointerId;
    canvas.setPointerCapture(pen);
    picture = undefined;
    strokes.push([placeOf(event)]);
    draw();
    onChange(false);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.pointerId !== pen) return;
    const events = event.getCoalescedEvents?.() ?? [];
    strokes[strokes.length - 1].push(...(events.length ? events : [event]).map(placeOf));
    draw();
    onChange(false);
  });
  const lift = (event: PointerEvent): void => {
    if (event.pointerId !== pen) return;
    pen = undefined;
    onChange(true);
  };
  canvas.addEventListener('pointerup', lift);
  canvas.addEventListener('pointercancel', lift);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);

  return {
    strokes: () => strokes,
    padSide,
    undo: () => {
      strokes.pop();
      draw();
    },
    show: (shown) => {
      strokes = [];
      picture = shown;
      draw();
    },
  };
};
