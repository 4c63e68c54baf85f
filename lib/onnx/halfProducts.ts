/**
 * Products computed in float16, all else in float32: the inputs of matrix products and convolutions are rounded to
 * float16, their results are widened again. Norms, softmax, masks and sums stay exact.
 */
import type { Emitter } from './emitter.js';
import type { NodeProto } from './onnx_pb.js';
import { dataTypes } from './tensor.js';

/** The inputs that are numbers to multiply or to add, by the operator; all if not given. */
const inputsOf: Readonly<Record<string, readonly number[] | undefined>> = {
  MatMul: undefined,
  Gemm: undefined,
  Conv: undefined,
  ConvTranspose: undefined,
  Einsum: undefined,
  MatMulNBits: [0, 2],
};

/** The type that a Cast gives; undefined for other nodes. */
const castTo = ({ opType, attribute }: NodeProto): bigint | undefined =>
  opType === 'Cast' ? attribute.find(({ name }) => name === 'to')?.i : undefined;

/** The names of float16 arrays by the names of their widened values. */
const halvesAmong = (nodes: readonly NodeProto[], isHalf: (name: string) => boolean): Map<string, string> =>
  new Map(
    nodes
      .filter((node) => castTo(node) === BigInt(dataTypes.float32) && isHalf(node.input[0]))
      .map(({ input, output }) => [output[0], input[0]]),
  );

/**
 * Changes an emitter's nodes so that products are computed in float16. Arrays that are stored as float16 are read as they
 * are.
 * @param outputs  names of the graph's outputs
 */
export const halveProducts = (emitter: Emitter, outputs: readonly string[]): void => {
  const stored = new Set(
    emitter.initializers.filter(({ type }) => type === 'float16').map(({ name }) => name),
  );
  const nodes = emitter.nodes.splice(0);
  const halves = halvesAmong(nodes, (name) => stored.has(name));
  const cast = (from: string, to: string, type: 'float16' | 'float32'): void =>
    emitter.node('Cast', emitter.reserve(`${from}/to_${type}`), [from], [to], { to: dataTypes[type] });
  const halved = (name: string): string => {
    const known = halves.get(name) ?? emitter.reserve(`${name}/float16`);
    if (!halves.has(name)) cast(name, known, 'float16');
    halves.set(name, known);
    return known;
  };
  for (const node of nodes) {
    if (!Object.hasOwn(inputsOf, node.opType)) {
      emitter.nodes.push(node);
      continue;
    }
    const asked = inputsOf[node.opType];
    const [result] = node.output;
    node.input = node.input.map((name, i) =>
      name !== '' && (asked?.includes(i) ?? true) ? halved(name) : name,
    );
    node.output = [emitter.reserve(`${result}/half`)];
    emitter.nodes.push(node);
    cast(node.output[0], result, 'float32');
  }
  const read = new Set([...outputs, ...emitter.nodes.flatMap(({ input }) => input)]);
  const kept = emitter.nodes.filter((node) => node.opType !== 'Cast' || read.has(node.output[0]));
  emitter.nodes.splice(0, Infinity, ...kept);
};
