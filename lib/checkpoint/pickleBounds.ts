/**
 * The shape of what a pickle made: no cycle, not too deep, not too large when shared parts are counted once for each
 * use. Whatever passes can be walked by plain recursion.
 */
import type { Cursor } from '../files/cursor.js';
import { FileArray } from './fileArray.js';
import type { PickleContainer, PickleValue } from './pickleValue.js';
import { contentsOf, isContainer } from './pickleValue.js';

/** Containers within containers; a checkpoint with its optimizer's state has about ten. */
const deepest = 100;
/** Values, each counted once for every path that leads to it: a few times what unshared data could be. */
const largest = (fileLength: number): number => Math.min(10_000 + 4 * fileLength, 16_000_000);

interface Extent {
  readonly depth: number;
  readonly size: number;
}

/** Refuses a value that cannot be walked safely, of the file that a cursor went through; every container is looked at once. */
export const checkBounds = (root: PickleValue, cursor: Cursor): void => {
  const most = largest(cursor.length);
  const fail: Fail = ({ offset }, problem) => {
    cursor.start = offset;
    return cursor.refuse(problem);
  };
  const extents = new Map<PickleContainer, Extent | 'open'>();
  // Containers can share their items, which then are looked at once for each of them.
  let looked = 0;
  const look = (container: PickleContainer): Visit => {
    looked += sizeOfContainer(container);
    if (looked > most) fail(container, tooLarge(most));
    return visit(container, fail);
  };
  const path: Visit[] = isContainer(root) ? [look(root)] : [];
  if (path.length > 0) extents.set(path[0].container, 'open');
  while (path.length > 0) {
    const current = path[path.length - 1];
    if (current.next === current.children.length) {
      extents.set(current.container, closed(current, extents, { most, fail }));
      path.pop();
      continue;
    }
    const child = current.children[current.next++];
    if (extents.get(child) === 'open') fail(current.container, 'a structure that contains itself: cyclic');
    if (path.length === deepest && !extents.has(child)) fail(child, tooDeep);
    if (!extents.has(child)) {
      extents.set(child, 'open');
      path.push(look(child));
    }
  }
};

type Fail = (container: PickleContainer, problem: string) => never;

/** A container whose children are being looked at, one after the other. */
interface Visit {
  readonly container: PickleContainer;
  readonly children: readonly PickleContainer[];
  readonly leaves: number;
  next: number;
}

const visit = (container: PickleContainer, fail: Fail): Visit => {
  const held = contentsOf(container);
  if (held.some((value) => value instanceof FileArray && !value.isFilled)) {
    fail(container, 'an array that never gets its elements');
  }
  const children = held.filter(isContainer);
  return { container, children, leaves: held.length - children.length, next: 0 };
};

const sizeOfContainer = (container: PickleContainer): number => {
  if (container.kind === 'dict') return 2 * container.entries.size;
  return ('fields' in container ? container.fields : container.items).length;
};

const closed = (
  { container, children, leaves }: Visit,
  extents: ReadonlyMap<PickleContainer, Extent | 'open'>,
  { most, fail }: { readonly most: number; readonly fail: Fail },
): Extent => {
  let depth = 0;
  let size = 1 + leaves;
  for (const child of children) {
    const extent = extents.get(child) as Extent;
    depth = Math.max(depth, extent.depth);
    size += extent.size;
  }
  if (depth >= deepest) fail(container, tooDeep);
  if (size > most) fail(container, tooLarge(most));
  return { depth: depth + 1, size };
};

const tooDeep = `too deep: more than ${deepest} containers within each other`;

const tooLarge = (most: number): string =>
  `too large: more than ${most} values when shared parts are written out`;
