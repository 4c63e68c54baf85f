/**
 * The configuration of an ONNX model for Triton: `config.pbtxt` beside the folder of its versions. Where all inputs and
 * outputs begin with an open batch, Triton joins requests that wait at the same time into one batch.
 */
import type { OnnxModel } from './exportOnnx.js';
import type { ValueInfoProto } from './onnx_pb.js';
import { dataTypes } from './tensor.js';

/** Triton's names of element types. Source: `DataType` of Triton's model_config.proto. */
const tritonTypes = new Map<number, string>([
  [dataTypes.float32, 'TYPE_FP32'],
  [dataTypes.int32, 'TYPE_INT32'],
  [dataTypes.int64, 'TYPE_INT64'],
  [dataTypes.bool, 'TYPE_BOOL'],
]);

/** A size, or the name of one that is open. */
type Dimension = number | string;

interface Tensor {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly Dimension[];
}

const tensorOf = ({ name, type }: ValueInfoProto): Tensor => {
  const value = type?.value;
  if (value?.case !== 'tensorType') throw new TypeError(`'${name}' is no tensor`);
  const { elemType, shape } = value.value;
  const known = tritonTypes.get(elemType);
  if (known === undefined) throw new TypeError(`Triton has no type for '${name}'`);
  const dims = (shape?.dim ?? []).map(({ value: size }): Dimension =>
    size.case === 'dimValue' ? Number(size.value) : ((size.value as string | undefined) ?? '?'),
  );
  return { name, type: known, shape: dims };
};

const isBatched = ({ shape }: Tensor): boolean => shape[0] === 'batch';

const list = (sizes: readonly Dimension[]): string =>
  `[ ${sizes.map((size) => (typeof size === 'number' ? size : -1)).join(', ')} ]`;

const entry = (tensor: Tensor, hasBatch: boolean): string => {
  const sizes = hasBatch ? tensor.shape.slice(1) : tensor.shape;
  // Triton knows no tensor without axes: one of a single element is reshaped.
  const dims = sizes.length > 0 ? [`dims: ${list(sizes)}`] : ['dims: [ 1 ]', 'reshape: { shape: [ ] }'];
  const lines = [`name: ${JSON.stringify(tensor.name)}`, `data_type: ${tensor.type}`, ...dims];
  return ['  {', ...lines.map((line) => `    ${line}`), '  }'].join('\n');
};

/** The inputs and outputs whose first axis is not the open batch. Where there are any, Triton cannot join requests. */
export const unbatched = ({ message: { graph } }: OnnxModel): readonly string[] =>
  [...(graph?.input ?? []), ...(graph?.output ?? [])]
    .map(tensorOf)
    .filter((tensor) => !isBatched(tensor))
    .map(({ name, shape }) => `${name} [${shape.join(', ')}]`);

/**
 * The text of `config.pbtxt`.
 * @param maxBatch  the largest batch that requests are joined to
 * @throws TypeError for an input or output of a type that Triton does not have
 */
export const tritonConfig = ({ message: { graph } }: OnnxModel, name: string, maxBatch = 32): string => {
  const inputs = (graph?.input ?? []).map(tensorOf);
  const outputs = (graph?.output ?? []).map(tensorOf);
  const hasBatch = [...inputs, ...outputs].every(isBatched);
  const group = (kind: string, tensors: readonly Tensor[]): string =>
    `${kind} [\n${tensors.map((tensor) => entry(tensor, hasBatch)).join(',\n')}\n]`;
  return [
    `name: ${JSON.stringify(name)}`,
    'backend: "onnxruntime"',
    `max_batch_size: ${hasBatch ? maxBatch : 0}`,
    group('input', inputs),
    group('output', outputs),
    ...(hasBatch ? ['dynamic_batching { }'] : []),
    '',
  ].join('\n');
};
