/**
 * A trace as boxes and arrows at one level of detail. Modules are boxes down to a depth. Outside of them, an operation is
 * a small box if it joins several tensors or changes a shape; operations that do neither are not drawn.
 */
import { flopsOf } from '../graph/flops.js';
import { inputsOf, type Node, type Trace, type Value } from '../graph/graph.js';
import { lastName, moduleOf } from '../graph/paths.js';
import { groupBy } from '../data/lists.js';
import { sizeOf, type Shape } from '../data/array.js';
import type { Arrow, Block, BlockGroup, View } from './document.js';
import { baseName, type ModuleTree } from './moduleTree.js';

/** Modules that are drawn as one: the path of the first for each of the others, and their number. */
export interface Merged {
  readonly standsFor: ReadonlyMap<string, string>;
  readonly counts: ReadonlyMap<string, number>;
}

export const nothingMerged: Merged = { standsFor: new Map(), counts: new Map() };

/** A view, and the box of each node that is in one. */
export interface Drawing {
  readonly view: View;
  readonly homes: ReadonlyMap<Node, string>;
}

/** The origin of a value. */
interface Source {
  readonly block: string;
  readonly kind: Arrow['kind'];
  /** The shape in which the value leaves the block. */
  readonly shape: Shape;
  /** Operations since then, outside of blocks, on this value alone. */
  readonly steps: readonly Node[];
}

/** The box or the open group that a module is in. */
interface Home {
  readonly block?: string;
  readonly group?: string;
}

type Mutable<A> = { -readonly [K in keyof A]: A[K] };
type Role = NonNullable<Arrow['as']>;

/** The label of an arrow with these roles; undefined for several that have no name together. */
const labelOfRoles = (roles: ReadonlySet<Role>): Role | undefined => {
  const names = [...roles].sort().join(' and ');
  return names === 'keys and values' ? names : roles.size === 1 ? (names as Role) : undefined;
};

const symbols: Readonly<Record<string, string>> = {
  Add: '+',
  Sub: '−',
  Multiply: '×',
  RealDiv: '÷',
  Concat: 'concat',
  LogicalAnd: 'and',
  BatchMatMul: 'product',
  RengaAttention: 'attention',
  Reshape: 'reshape',
  ExpandDims: 'reshape',
  Squeeze: 'reshape',
  StridedSlice: 'slice',
  Pack: 'stack',
  Unpack: 'unstack',
  PadV2: 'pad',
  GatherV2: 'look up',
};

const symbolOf = (kernel: string): string =>
  symbols[kernel] ??
  kernel
    .replace(/^Renga/, '')
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();

/** The shape of one example. */
const ofOneExample = (shape: Value['shape']): Shape => {
  const sizes = shape as readonly number[];
  return sizes.length > 1 && sizes[0] === 1 ? sizes.slice(1) : sizes;
};

/**
 * For each node its place among those of its kind in one call of its module: the same for each call, and for each module
 * that one stands for.
 */
export const placesInCalls = ({ nodes, calls }: Trace): ReadonlyMap<Node, number> => {
  const timesOf = new Map<string, number>();
  for (const { path, method } of calls)
    if (method === 'call') timesOf.set(path, (timesOf.get(path) ?? 0) + 1);
  const alike = groupBy(nodes, ({ path, kernel }) => `${path} ${kernel}`);
  return new Map(
    [...alike.values()].flatMap((all) => {
      const inOneCall = Math.max(1, Math.round(all.length / (timesOf.get(all[0].path) ?? 1)));
      return all.map((node, i) => [node, i % inOneCall] as const);
    }),
  );
};

/** Without the arrows from the end of what is repeated to its beginning: that it is repeated is said of its group. */
const withoutWayBack = (view: View): View => {
  const order = new Map(view.blocks.map(({ id }, i) => [id, i]));
  const parents = new Map([...view.blocks, ...view.groups].map(({ id, group }) => [id, group]));
  const repeated = new Set(
    view.groups.filter(({ count, repeats }) => count > 1 || repeats > 1).map(({ id }) => id),
  );
  const loops = (id: string): string[] => {
    const group = parents.get(id);
    return group === undefined ? [] : [...(repeated.has(group) ? [group] : []), ...loops(group)];
  };
  const isBack = ({ from, to }: Arrow): boolean =>
    (order.get(from) ?? 0) >= (order.get(to) ?? 0) && loops(from).some((group) => loops(to).includes(group));
  return { ...view, arrows: view.arrows.filter((arrow) => !isBack(arrow)) };
};

/** Blocks from which nothing flows to an output, and arrows to them, are marked. */
const markUnused = (view: View): View => {
  const into = groupBy(view.arrows, ({ to }) => to);
  const used = new Set<string>();
  const left = view.blocks.filter(({ kind }) => kind === 'output').map(({ id }) => id);
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    if (used.has(id)) continue;
    used.add(id);
    left.push(...(into.get(id) ?? []).map(({ from }) => from));
  }
  const mark = <A extends object>(part: A, id: string): A =>
    used.has(id) ? part : { ...part, isUnused: true };
  return {
    ...view,
    blocks: view.blocks.map((block) => mark(block, block.id)),
    arrows: view.arrows.map((arrow) => mark(arrow, arrow.to)),
  };
};

const isSameShape = (a: Shape, b: Shape): boolean => a.join() === b.join();

/** The operations among some that change a shape; what a constant is spread over changes its shape, too. */
const shapeChanges = (steps: readonly Node[]): readonly Node[] =>
  steps.filter(({ inputs, outputs: [output] }) =>
    Object.values(inputs)
      .filter(({ kind }) => kind !== 'constant')
      .every(({ shape }) => !isSameShape(ofOneExample(shape), ofOneExample(output.shape))),
  );

/** The constants that a concatenation joins to other values. */
const joinedConstants = ({ kernel, inputs }: Node): readonly Value[] =>
  kernel === 'Concat' ? Object.values(inputs).filter(({ kind }) => kind === 'constant') : [];

const none: ReadonlySet<string> = new Set();

/** All of several sets; one that has them all as it is. */
const union = (sets: readonly ReadonlySet<string>[]): ReadonlySet<string> => {
  const [largest = none, ...others] = [...new Set(sets)].sort((a, b) => b.size - a.size);
  const isAll = others.every((set) => [...set].every((each) => largest.has(each)));
  return isAll ? largest : new Set([largest, ...others].flatMap((set) => [...set]));
};

/** Draws a trace down to a depth; `places` are those of its nodes in calls. */
export const draw = (
  trace: Trace,
  tree: ModuleTree,
  places: ReadonlyMap<Node, number>,
  depth: number,
  merged: Merged = nothingMerged,
): Drawing => {
  const standIn = (path: string): string => {
    const parts = tree.around(path);
    let [renamed, before] = ['', ''];
    for (const part of parts) {
      const own = renamed + part.slice(before.length);
      renamed = merged.standsFor.get(own) ?? own;
      before = part;
    }
    return renamed;
  };
  const indices = new Map(trace.nodes.map((node, i) => [node, i]));
  const blocks = new Map<string, Mutable<Block>>();
  const groups = new Map<string, BlockGroup>();
  const arrows = new Map<string, Arrow & { readonly roles: Set<Role> }>();
  const homes = new Map<Node, string>();
  /** Places of blocks in the order in which they run. */
  const order = new Map<string, number>();

  const groupOf = (chain: readonly string[]): string | undefined => {
    const path = chain.at(-1);
    if (path === undefined) return undefined;
    const id = standIn(path);
    if (!groups.has(id)) {
      const count = merged.counts.get(id) ?? 1;
      groups.set(id, {
        id,
        label: count > 1 ? baseName(id) : lastName(id),
        path: id,
        group: groupOf(chain.slice(0, -1)),
        count,
        repeats: tree.repeats(id),
      });
    }
    return id;
  };

  const addBlock = (block: Pick<Block, 'id' | 'kind' | 'label'> & Partial<Block>): void => {
    if (!blocks.has(block.id))
      blocks.set(block.id, { count: 1, repeats: 1, parameters: 0, flops: 0, ...block });
  };

  /** The box that a module is in, or the group, if it is open at this depth. */
  const homeOf = (path: string): Home => {
    const home = homesOf.get(path) ?? findHome(path);
    homesOf.set(path, home);
    return home;
  };
  const homesOf = new Map<string, Home>();
  const findHome = (path: string): Home => {
    const chain = tree.around(path);
    const closed = chain.findIndex((module, i) => i + 1 === depth || !tree.isOpen(module));
    if (closed < 0) return { group: groupOf(chain) };
    const id = standIn(chain[closed]);
    const count = merged.counts.get(id) ?? 1;
    const group = groupOf(chain.slice(0, closed));
    const label = count > 1 ? baseName(id) : lastName(id);
    addBlock({ id, kind: 'module', label, path: id, group, count, repeats: tree.repeats(id) });
    return { block: id };
  };

  const sources = new Map<Node, Source | undefined>();
  const tags = new Map<Node, ReadonlySet<string>>();

  const leaving = (block: string, kind: Arrow['kind'], { shape }: Pick<Value, 'shape'>): Source => ({
    block,
    kind,
    shape: ofOneExample(shape),
    steps: [],
  });

  const sourceOf = (value: Value): Source | undefined => {
    switch (value.kind) {
      case 'constant':
        return undefined;
      case 'input':
        return leaving(`input ${value.name}`, 'data', value);
      case 'result': {
        const source = sources.get(value.node);
        return source && source.steps.length === 0 ? { ...source, shape: ofOneExample(value.shape) } : source;
      }
      default: {
        const { block } = homeOf(moduleOf(value.path));
        return block === undefined ? undefined : leaving(block, 'weights', value);
      }
    }
  };

  const addOperation = (node: Node, label: string): string => {
    const { group } = homeOf(node.path);
    const id = `${group ?? '~'} ${node.kernel} ${places.get(node)}`;
    addBlock({ id, kind: 'operation', label, group });
    if (!order.has(id)) order.set(id, indices.get(node) as number);
    return id;
  };

  /** The source in the shape in which a value arrives, behind boxes for the operations that changed it. */
  const reshaped = (source: Source, shape: Shape): Source => {
    const changes = isSameShape(source.shape, shape) ? [] : shapeChanges(source.steps);
    // One box for operations in a row within the same group.
    const ends = changes.filter(
      (node, i) => i + 1 === changes.length || homeOf(node.path).group !== homeOf(changes[i + 1].path).group,
    );
    let before = source;
    for (const [i, end] of ends.entries()) {
      const run = changes.slice(i === 0 ? 0 : changes.indexOf(ends[i - 1]) + 1, changes.indexOf(end) + 1);
      const label = [...new Set(run.map(({ kernel }) => symbolOf(kernel)))].join(', ');
      const after = leaving(addOperation(end, label), 'data', end.outputs[0]);
      if (after.block !== before.block) addArrow(before, after.block, before.shape);
      before = after;
    }
    return before;
  };

  const addArrow = ({ block: from, kind }: Source, to: string, shape: Shape): string => {
    const key = `${from} -> ${to} ${kind} ${shape}`;
    if (!arrows.has(key)) arrows.set(key, { from, to, shape, kind, roles: new Set() });
    return key;
  };

  /** Arrows through which a value came into the box that uses it. */
  const enter = (value: Value, block: string): ReadonlySet<string> => {
    const found = sourceOf(value);
    if (found === undefined) return none;
    if (found.block === block && shapeChanges(found.steps).length === 0)
      return value.kind === 'result' ? (tags.get(value.node) ?? none) : none;
    const source = reshaped(found, ofOneExample(value.shape));
    return new Set([addArrow(source, block, source.shape)]);
  };

  const attend = (entered: Readonly<Record<string, ReadonlySet<string>>>, block: Mutable<Block>): void => {
    const give = (names: readonly string[], role: Role): void => {
      for (const name of names) for (const key of entered[name] ?? []) arrows.get(key)?.roles.add(role);
    };
    give(['q'], 'queries');
    give(['k'], 'keys');
    give(['v'], 'values');
    give(['mask'], 'mask');
    const isSelf = [...entered.q].sort().join() === [...entered.k].sort().join();
    seen.set(block.id, (seen.get(block.id) ?? new Set<'cross' | 'self'>()).add(isSelf ? 'self' : 'cross'));
  };
  const seen = new Map<string, Set<'cross' | 'self'>>();

  const runInBlock = (node: Node, id: string): void => {
    const entered = Object.fromEntries(
      Object.entries(node.inputs).map(([name, value]) => [name, enter(value, id)]),
    );
    const block = blocks.get(id) as Mutable<Block>;
    block.flops += flopsOf(node);
    homes.set(node, id);
    if (!order.has(id)) order.set(id, indices.get(node) as number);
    sources.set(node, leaving(id, 'data', node.outputs[0]));
    tags.set(node, union(Object.values(entered)));
    if (node.kernel === 'RengaAttention') attend(entered, block);
  };

  for (const { name } of trace.inputs) addBlock({ id: `input ${name}`, kind: 'input', label: name });
  for (const node of trace.nodes) {
    const { block, group } = homeOf(node.path);
    if (block !== undefined) {
      runInBlock(node, block);
      continue;
    }
    const from = inputsOf(node).flatMap((value) => sourceOf(value) ?? []);
    const constants = from.length > 0 ? joinedConstants(node) : [];
    if (new Set(from.map((source) => source.block)).size + constants.length < 2) {
      sources.set(node, from[0] && { ...from[0], steps: [...from[0].steps, node] });
      continue;
    }
    const id = addOperation(node, symbolOf(node.kernel));
    for (const [i, constant] of constants.entries()) {
      const block = `${id} constant ${i}`;
      addBlock({ id: block, kind: 'operation', label: 'constant', group });
      order.set(block, (indices.get(node) as number) - 0.5);
      addArrow(leaving(block, 'data', constant), id, ofOneExample(constant.shape));
    }
    runInBlock(node, id);
  }
  for (const { name, value } of trace.outputs) {
    const id = `output ${name}`;
    addBlock({ id, kind: 'output', label: name });
    const found = sourceOf(value);
    if (found === undefined) continue;
    const source = reshaped(found, ofOneExample(value.shape));
    addArrow(source, id, source.shape);
  }
  for (const weight of trace.weights) {
    const { block } = weight.kind === 'param' ? homeOf(moduleOf(weight.path)) : {};
    const owner = block === undefined ? undefined : blocks.get(block);
    if (owner) owner.parameters += sizeOf(weight.shape as Shape);
  }
  for (const [id, kinds] of seen) {
    const block = blocks.get(id);
    if (block && kinds.size === 1) [block.attention] = kinds;
  }
  const placeOf = ({ id, kind }: Block): number =>
    kind === 'input' ? -1 : kind === 'output' ? Infinity : (order.get(id) ?? trace.nodes.length);
  const drawn: View = {
    depth,
    blocks: [...blocks.values()].sort((a, b) =>
      placeOf(a) > placeOf(b) ? 1 : placeOf(a) < placeOf(b) ? -1 : 0,
    ),
    groups: [...groups.values()],
    arrows: [...arrows.values()].map(({ roles, ...arrow }) => {
      const as = labelOfRoles(roles);
      return as === undefined ? arrow : { ...arrow, as };
    }),
  };
  return { view: markUnused(withoutWayBack(drawn)), homes };
};
