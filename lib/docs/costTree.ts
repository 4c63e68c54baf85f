/** A model's cost by module, as a tree; equal modules, such as the layers of a tower, are one node with a count. */
import { parentOf, withoutNumber } from '../graph/paths.js';
import type { ModuleSummary } from '../graph/summary.js';
import { groupBy, sum } from '../data/lists.js';

/** A module, or several that are alike, with all that is in it. */
export interface CostNode {
  /** `self_attention … self_attention_25`, below the module that it is in. */
  readonly label: string;
  /** The path of the first. */
  readonly path: string;
  /** Number of modules that are alike. */
  readonly count: number;
  /** Calls of each. */
  readonly calls: number;
  readonly inputs: ModuleSummary['inputs'];
  readonly outputs: ModuleSummary['outputs'];
  /** Of all of them, with what is in them. */
  readonly parameters: number;
  readonly flops: number;
  readonly inner: readonly CostNode[];
}

/** A part of a model's cost. */
export interface CostPart {
  readonly label: string;
  readonly flops: number;
  readonly parameters: number;
}

const labelOf = (path: string, parent: string): string => {
  if (path === '~') return 'outside of modules';
  return (parent ? path.slice(parent.length + 1) : path).replace(/^~\//, '');
};

/** A key that is equal for nodes which differ in number and place alone. */
const likeness = (node: CostNode): string => {
  const { count, calls, inputs, outputs, parameters, flops, inner } = node;
  const name = withoutNumber(node.label);
  return JSON.stringify([name, count, calls, inputs, outputs, parameters, flops, inner.map(likeness)]);
};

/** So many times the costs, all the way in. */
const times = (node: CostNode, count: number): CostNode => ({
  ...node,
  parameters: count * node.parameters,
  flops: count * node.flops,
  inner: node.inner.map((inner) => times(inner, count)),
});

const together = (alike: readonly CostNode[]): CostNode => {
  const [first] = alike;
  if (alike.length === 1) return first;
  const label = `${first.label} … ${alike[alike.length - 1].label}`;
  return { ...times(first, alike.length), label, count: alike.length };
};

const merged = (nodes: readonly CostNode[]): CostNode[] =>
  [...groupBy(nodes, likeness).values()].map(together);

/** A model's modules as a tree. */
export const costTree = (modules: readonly ModuleSummary[]): readonly CostNode[] => {
  const paths = new Set(modules.map(({ path }) => path));
  const inside = groupBy(modules, ({ path }) => parentOf(path, paths) ?? '');
  const nodesIn = (parent: string): CostNode[] =>
    merged(
      (inside.get(parent) ?? []).map(({ path, calls, inputs, outputs, parameters, flops }) => {
        const inner = nodesIn(path);
        return {
          label: labelOf(path, parent),
          path,
          count: 1,
          calls,
          inputs,
          outputs,
          parameters: parameters + sum(inner, (node) => node.parameters),
          flops: flops + sum(inner, (node) => node.flops),
          inner,
        };
      }),
    );
  return nodesIn('');
};

type Open = CostPart & { readonly node?: CostNode };

const shownCount = ({ label, count }: CostNode): string =>
  count > 1 ? `${label.split(' … ')[0]} × ${count}` : label;

/** A part taken apart: what is in it, and what it does itself. */
const opened = ({ label, node }: Open): readonly Open[] => {
  if (!node) return [];
  const inner = node.inner.map((each): Open => ({
    label: `${label} / ${shownCount(each)}`,
    flops: each.flops,
    parameters: each.parameters,
    node: each,
  }));
  const own = {
    label: `${label} itself`,
    flops: node.flops - sum(inner, (part) => part.flops),
    parameters: node.parameters - sum(inner, (part) => part.parameters),
  };
  return own.flops > 0 ? [...inner, own] : inner;
};

const last = (label: string): string => label.split(' / ').slice(-2).join(' / ');

/**
 * The parts that a model's operations go to, the largest first taken apart until there are enough to see where they go;
 * what is small is told together.
 */
export const costParts = (roots: readonly CostNode[], wanted = 7): readonly CostPart[] => {
  const total = sum(roots, ({ flops }) => flops);
  let parts: readonly Open[] = roots.map((node) => ({ ...node, label: shownCount(node), node }));
  for (;;) {
    const seen = parts.filter(({ flops }) => flops > 0.01 * total);
    const canOpen = seen.filter(({ node, flops }) => node && node.inner.length > 0 && flops > 0.15 * total);
    if (seen.length >= wanted || canOpen.length === 0) break;
    const largest = canOpen.reduce((a, b) => (b.flops > a.flops ? b : a));
    parts = parts.flatMap((part) => (part === largest ? opened(part) : [part]));
  }
  const large = parts.filter(({ flops }) => flops > 0.01 * total);
  const small = parts.filter(({ flops }) => flops > 0 && flops <= 0.01 * total);
  const rest = {
    label: 'everything else',
    flops: sum(small, (part) => part.flops),
    parameters: sum(small, (part) => part.parameters),
  };
  const named = large.map(({ label, flops, parameters }) => ({ label: last(label), flops, parameters }));
  return rest.flops > 0 ? [...named, rest] : named;
};
