/**
 * Rows of tables that are looked up by ids. onnxruntime counts ids below 0 from the table's end, and names a node where one is too
 * large; here they are looked at before it runs, as the engine does. Known are ids that come from inputs, as they are or
 * rearranged or computed element by element; ids that depend on parameters, state or random keys are not.
 */
import type { TypedArray } from '../data/array.js';
import { idError } from '../data/ids.js';
import { canEvaluate, evaluateKernel, type Values } from '../engine/index.js';
import { elementsOf } from '../graph/constant.js';
import { type Graph, type Input, inputsOf, type Node, type Value } from '../graph/graph.js';
import { arranging, elementwise } from '../graph/passes/foldConstants.js';
import { isSymbolic } from '../graph/size.js';

/** Ids with the rows of the smallest table that they are used on. */
export interface LookUp {
  readonly ids: Value;
  readonly rows: number;
  /** The inputs that the ids are made of, one or more. */
  readonly sources: readonly Input[];
}

const isKnown = ({ shape }: { readonly shape: Value['shape'] }): boolean => !shape.some(isSymbolic);

/** True for nodes that are evaluated on the host: the cheap ones, of sizes that are numbers. */
const isAtHand = (node: Node): boolean =>
  node.kernel === 'Reshape' ||
  ((arranging.has(node.kernel) || elementwise.has(node.kernel)) &&
    [...inputsOf(node), ...node.outputs].every(isKnown) &&
    canEvaluate(node.kernel));

/** The inputs and constants that a value is computed from; undefined where it cannot be evaluated from these. */
const originsOf = (value: Value): ReadonlySet<Value> | undefined => {
  const [found, seen] = [new Set<Value>(), new Set<Value>([value])];
  for (const each of seen) {
    if (each.kind === 'input' || each.kind === 'constant') found.add(each);
    else if (each.kind === 'result' && isAtHand(each.node))
      for (const input of inputsOf(each.node)) seen.add(input);
    else return undefined;
  }
  return found;
};

const isInput = (value: Value): value is Input => value.kind === 'input';

/**
 * The look-ups of a graph whose ids come from inputs.
 * @param isGiven  tells inputs whose numbers are known before a run
 */
export const lookUpsOf = (
  { inputs: ports, nodes }: Graph,
  isGiven: (input: Input) => boolean,
): readonly LookUp[] => {
  const sizes = new Map<Value, number>();
  for (const { kernel, inputs, attrs } of nodes) {
    if (kernel !== 'GatherV2') continue;
    const rows = inputs.x.shape[attrs.axis as number];
    const ids = inputs.indices;
    if (typeof rows === 'number') sizes.set(ids, Math.min(rows, sizes.get(ids) ?? Infinity));
  }
  return [...sizes].flatMap(([ids, rows]) => {
    const origins = originsOf(ids);
    const sources = ports.filter((input) => origins?.has(input));
    return sources.length > 0 && sources.every(isGiven) ? [{ ids, rows, sources }] : [];
  });
};

/** The numbers of inputs. */
type Given = ReadonlyMap<Input, TypedArray>;

const evaluate = (value: Value, given: Given, known = new Map<Value, TypedArray>()): TypedArray => {
  if (isInput(value)) return given.get(value) as TypedArray;
  if (value.kind === 'constant') return elementsOf(value);
  const { node, index } = value as Value & { readonly kind: 'result' };
  const found = known.get(value);
  if (found) return found;
  const inputs = Object.entries(node.inputs).map(([name, input]): [string, Values] => [
    name,
    {
      shape: input.shape as readonly number[],
      dtype: input.dtype,
      values: evaluate(input, given, known) as Values['values'],
    },
  ]);
  const made =
    node.kernel === 'Reshape'
      ? inputs[0][1]
      : evaluateKernel(node.kernel, Object.fromEntries(inputs), node.attrs)[index];
  known.set(value, made.values);
  return made.values;
};

/** True for ids that are elements of one input, each in a place of its own. */
const isArranged = (value: Value): boolean => {
  if (isInput(value)) return true;
  if (value.kind !== 'result' || !arranging.has(value.node.kernel)) return false;
  const inputs = inputsOf(value.node);
  return inputs.length === 1 && isArranged(inputs[0]);
};

/**
 * Checks ids before a run.
 * @param where   the function that was given them
 * @param given   the numbers of inputs
 * @param nameOf  an input as errors name it
 * @throws RangeError with the first id that its table has not: the input that it comes from, its place, the number of rows
 */
export const expectIds = (
  where: string,
  lookUps: readonly LookUp[],
  given: Given,
  nameOf: (input: Input) => string,
): void => {
  for (const { ids, rows, sources } of lookUps) {
    const isInside = (id: number): boolean => Number.isInteger(id) && id >= 0 && id < rows;
    const names = sources.map(nameOf).join(' and ');
    const wrong = (id: number, index: number, of: string) =>
      idError({ id, index, vocabSize: rows, where: `${where}: `, of: ` of ${of}` });
    if (!isArranged(ids)) {
      const made = evaluate(ids, given);
      const at = made.findIndex((id: number | bigint) => !isInside(Number(id)));
      if (at >= 0) throw wrong(made[at] as number, at, `what is computed from ${names}`);
      continue;
    }
    const [source] = sources;
    const all = given.get(source) as Int32Array;
    if (all.every(isInside)) continue;
    // What the arrangement leaves out is looked up nowhere.
    const places = evaluate(ids, new Map([[source, Int32Array.from(all.keys())]])) as Int32Array;
    const at = places.find((place) => !isInside(all[place]));
    if (at !== undefined) throw wrong(all[at], at, names);
  }
};
