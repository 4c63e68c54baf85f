/**
 * The part of the ONNX format that the benchmark writes.
 * Source: onnx.proto of the ONNX specification, field numbers and enumerations.
 */
import protobuf from 'protobufjs';

const schema = `
syntax = "proto3";
message Entry { string key = 1; string value = 2; }
message Attribute {
  string name = 1; float f = 2; int64 i = 3; bytes s = 4; repeated int64 ints = 8 [packed = true]; int32 type = 20;
}
message Tensor {
  repeated int64 dims = 1 [packed = true]; int32 data_type = 2; string name = 8; bytes raw_data = 9;
  repeated Entry external_data = 13; int32 data_location = 14;
}
message Dimension { int64 dim_value = 1; }
message TensorShape { repeated Dimension dim = 1; }
message TensorType { int32 elem_type = 1; TensorShape shape = 2; }
message Type { TensorType tensor_type = 1; }
message ValueInfo { string name = 1; Type type = 2; }
message Node {
  repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4;
  repeated Attribute attribute = 5;
}
message Graph {
  repeated Node node = 1; string name = 2; repeated Tensor initializer = 5; repeated ValueInfo input = 11;
  repeated ValueInfo output = 12;
}
message OperatorSet { string domain = 1; int64 version = 2; }
message Model {
  int64 ir_version = 1; string producer_name = 2; Graph graph = 7; repeated OperatorSet opset_import = 8;
}
`;

const { root } = protobuf.parse(schema, { keepCase: true });
const model = root.lookupType('Model');

export type DataType = 'float32' | 'int32' | 'int64' | 'bool';

export const dataTypes: Readonly<Record<DataType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

export type AttributeValue = number | string | readonly number[] | { readonly float: number };

/** A node as ONNX has it: an operator with inputs, outputs and attributes by name. */
export interface Node {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** Values inside the file, or beside it by their own name. */
export interface Initializer {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  readonly isExternal: boolean;
}

export interface Value {
  readonly name: string;
  readonly type: DataType;
  readonly shape: readonly number[];
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly initializers: readonly Initializer[];
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

const attributeOf = ([name, value]: [string, AttributeValue]): object => {
  if (typeof value === 'number') return { name, i: value, type: 2 };
  if (typeof value === 'string') return { name, s: new TextEncoder().encode(value), type: 3 };
  return 'float' in value ? { name, f: value.float, type: 1 } : { name, ints: value, type: 7 };
};

const nodeOf = ({ operator, inputs, output, attributes }: Node): object => ({
  input: inputs,
  output: [output],
  name: output,
  op_type: operator,
  attribute: Object.entries(attributes).map(attributeOf),
});

const tensorOf = ({ name, type, shape, data, isExternal }: Initializer): object => ({
  dims: shape,
  data_type: dataTypes[type],
  name,
  ...(isExternal
    ? { data_location: 1, external_data: [{ key: 'location', value: name }] }
    : { raw_data: data }),
});

const valueOf = ({ name, type, shape }: Value): object => ({
  name,
  type: { tensor_type: { elem_type: dataTypes[type], shape: { dim: shape.map((n) => ({ dim_value: n })) } } },
});

/** A file's bytes. */
export const encode = ({ nodes, initializers, inputs, outputs }: Graph): Uint8Array =>
  model
    .encode(
      model.fromObject({
        ir_version: 10,
        producer_name: 'renga benchmark',
        opset_import: [{ domain: '', version: 20 }],
        graph: {
          name: 'program',
          node: nodes.map(nodeOf),
          initializer: initializers.map(tensorOf),
          input: inputs.map(valueOf),
          output: outputs.map(valueOf),
        },
      }),
    )
    .finish();
