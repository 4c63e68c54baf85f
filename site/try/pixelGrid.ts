/**
 * The 8 × 8 picture as a grid that can be edited by keyboard and by clicks, with where the model looks laid over it.
 */
import { element, reachable, roving, setNumber } from './dom.js';
import { side } from './strokes.js';

export interface PixelGrid {
  readonly show: (picture: Float32Array) => void;
  /** Lays weights over the picture, as discs: the least has none, the largest fills its pixel. Nothing takes them away. */
  readonly showLook: (look: Float32Array | undefined) => void;
}

const describe = (index: number, value: number): string =>
  `row ${Math.floor(index / side) + 1}, column ${(index % side) + 1}: ${Math.round(16 * value)} of 16`;

/** The value of a pixel after a key press; undefined for other keys. */
const edited = (key: string, value: number): number | undefined => {
  if (key === ' ' || key === 'Enter') return value < 0.5 ? 1 : 0;
  if (key === '+' || key === '=') return Math.min(1, value + 0.25);
  if (key === '-') return Math.max(0, value - 0.25);
  return undefined;
};

/** Weights between their least and their largest, as shares of that range. */
export const stretched = (look: Float32Array): Float32Array => {
  const [low, high] = [Math.min(...look), Math.max(...look)];
  return look.map((weight) => (high > low ? (weight - low) / (high - low) : 0));
};

/**
 * Fills an empty grid.
 * @param onEdit  called with the picture as it was edited
 */
export const startPixelGrid = (grid: HTMLElement, onEdit: (picture: Float32Array) => void): PixelGrid => {
  let shown = new Float32Array(side * side);
  const cells = Array.from(shown, () => element('div', { class: 'pixel', role: 'gridcell' }));
  const rows = Array.from({ length: side }, (_, row) =>
    element('div', { class: 'pixels', role: 'row' }, ...cells.slice(row * side, (row + 1) * side)),
  );
  reachable(cells, 0);
  grid.replaceChildren(...rows);

  const show = (picture: Float32Array): void => {
    shown = Float32Array.from(picture);
    cells.forEach((cell, i) => {
      setNumber(cell, 'shade', shown[i]);
      cell.setAttribute('aria-label', describe(i, shown[i]));
    });
  };
  const edit = (index: number, value: number | undefined): boolean => {
    if (index < 0 || value === undefined) return false;
    onEdit(shown.map((old, i) => (i === index ? value : old)));
    return true;
  };
  const indexOf = (event: Event): number => cells.indexOf(event.target as HTMLDivElement);

  grid.addEventListener(
    'keydown',
    roving(() => cells, side),
  );
  grid.addEventListener('keydown', (event) => {
    const index = indexOf(event);
    if (edit(index, edited(event.key, shown[index]))) event.preventDefault();
  });
  grid.addEventListener('click', (event) => {
    const index = indexOf(event);
    if (index < 0) return;
    reachable(cells, index);
    edit(index, edited(' ', shown[index]));
  });
  show(shown);

  return {
    show,
    showLook: (look) => {
      const shares = look && stretched(look);
      cells.forEach((cell, i) => setNumber(cell, 'look', Math.sqrt(shares?.[i] ?? 0)));
    },
  };
};
