/**
 * Choices that are left to whoever runs the graph: an output that is either a new value or an input as it is, by one flag,
 * gives the new value, and the flag is an output beside it. The choice then costs no pass over the numbers, because the input is
 * still at hand. Outputs that are inputs as they are are left out.
 */
import { type Graph, type Node, type Output, resultsOf, type Value } from '../graph.js';
import { withoutDead } from './withoutDead.js';

/** A graph without these choices. */
export interface OutsideChoice<G extends Graph> {
  readonly graph: G;
  /** The name of the output that tells whether the new values are chosen; undefined where nothing is chosen by a flag. */
  readonly flag: string | undefined;
  /** Outputs that give the new value, whatever the flag is. */
  readonly chosen: ReadonlySet<string>;
  /** Outputs that were left out. */
  readonly same: ReadonlySet<string>;
}

const nodeOf = (value: Value): Node | undefined => (value.kind === 'result' ? value.node : undefined);

interface Choice {
  readonly flag: Value;
  readonly yes: Value;
  readonly no: Value;
}

/** The choice that a value is, by a flag that is one number. */
const choiceOf = (value: Value): Choice | undefined => {
  const node = nodeOf(value);
  if (node?.kernel === 'RengaChoose') return node.inputs as unknown as Choice;
  if (node?.kernel !== 'Select' || node.inputs.condition.shape.length > 0) return undefined;
  const { condition, t, e } = node.inputs;
  return { flag: condition, yes: t, no: e };
};

const flagName = 'isChosen';

/**
 * The graph without the choices between outputs and inputs.
 * @param pairs  for names of outputs, the name of the input that each may keep
 * @param options  `keepSame`: whether outputs that are inputs as they are stay; false if not given
 */
export const outsideChoice = <G extends Graph>(
  graph: G,
  pairs: ReadonlyMap<string, string>,
  { keepSame = false }: { readonly keepSame?: boolean } = {},
): OutsideChoice<G> => {
  const inputs = new Map(graph.inputs.map((input) => [input.name, input]));
  const added: Node[] = [];
  const unpacked = new Map<Node, readonly Value[]>();
  let flag: Value | undefined;
  const isFlag = (found: Value): boolean => found === (flag ??= found);

  /** The arrays of a matrix before the choice, of which each is chosen by itself. */
  const beforeChoice = (unpack: Node, yes: Value): readonly Value[] => {
    const known = unpacked.get(unpack);
    if (known) return known;
    const node = { ...unpack, inputs: { x: yes } };
    added.push(node);
    unpacked.set(unpack, resultsOf(node));
    return resultsOf(node);
  };
  /** The new value in the place of a choice between it and an input. */
  const newValue = (value: Value, input: Value): Value | undefined => {
    const choice = choiceOf(value);
    if (choice) return choice.no === input && isFlag(choice.flag) ? choice.yes : undefined;
    if (value.kind !== 'result' || value.node.kernel !== 'RengaUnpack') return undefined;
    const packed = choiceOf(value.node.inputs.x);
    const pack = packed && nodeOf(packed.no);
    if (!packed || pack?.kernel !== 'RengaPack' || pack.inputs[value.index] !== input) return undefined;
    return isFlag(packed.flag) ? beforeChoice(value.node, packed.yes)[value.index] : undefined;
  };

  const [chosen, same] = [new Set<string>(), new Set<string>()];
  const outputs: Output[] = [];
  for (const output of graph.outputs) {
    const input = inputs.get(pairs.get(output.name) ?? '');
    const value = input && newValue(output.value, input);
    if (input && output.value === input && !keepSame) same.add(output.name);
    else outputs.push(value ? { ...output, value } : output);
    if (value) chosen.add(output.name);
  }
  if (flag) outputs.push({ name: flagName, value: flag });
  const nodes = [...graph.nodes, ...added];
  return {
    graph: withoutDead({ ...graph, nodes, outputs }),
    flag: flag && flagName,
    chosen,
    same,
  };
};
