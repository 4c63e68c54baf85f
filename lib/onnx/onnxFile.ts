/**
 * The bytes of an ONNX model. Weights are put between the messages as they are, so that nothing large is held twice, and
 * beside the model where it would be too large for one file of protobuf.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import type { OnnxModel } from './exportOnnx.js';
import {
  GraphProtoSchema,
  ModelProtoSchema,
  TensorProto_DataLocation as DataLocation,
  TensorProtoSchema,
} from './onnx_pb.js';
import type { FilePlace } from '../data/array.js';
import { byteLength, dataTypes, type Initializer } from './tensor.js';

/** Bytes, made one part after the other. */
export interface Parts {
  readonly length: number;
  readonly parts: () => Iterable<Uint8Array>;
}

/** A model's file, and the file of its weights where they are in one of their own. */
interface OnnxFile {
  readonly model: Parts;
  readonly data?: Parts;
}

const graphField = ModelProtoSchema.field.graph.number;
const initializerField = GraphProtoSchema.field.initializer.number;
const rawDataField = TensorProtoSchema.field.rawData.number;

/** The alignment of weights in a file of their own: readers map files by pages. */
export const pageSize = 4096;

/** Fewer bytes than these stay in the model. */
export const smallest = 1024;

/** The bytes before a field of a given length. */
const header = (field: number, length: number): Uint8Array =>
  new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length).finish();

const bytes = (array: Uint8Array): Parts => ({ length: array.length, parts: () => [array] });

const join = (all: readonly Parts[]): Parts => ({
  length: all.reduce((sum, { length }) => sum + length, 0),
  *parts() {
    for (const { parts } of all) yield* parts();
  },
});

/** Messages are joined by joining their bytes, so that a field may follow what was written before. */
const field = (number: number, content: Parts): Parts =>
  join([bytes(header(number, content.length)), content]);

const described = ({ shape, type, name }: Initializer) => ({
  name,
  dims: shape.map(BigInt),
  dataType: dataTypes[type],
});

/** An initialiser with its bytes in the model. */
const inside = (initializer: Initializer): Parts => {
  const tensor = toBinary(TensorProtoSchema, create(TensorProtoSchema, described(initializer)));
  const raw: Parts = { length: byteLength(initializer), parts: () => [initializer.bytes()] };
  return join([bytes(tensor), field(rawDataField, raw)]);
};

/** An initialiser with its bytes in the file of weights. */
const outside = (initializer: Initializer, location: string, offset: number): Parts => {
  const place = { location, offset: String(offset), length: String(byteLength(initializer)) };
  return bytes(
    toBinary(
      TensorProtoSchema,
      create(TensorProtoSchema, {
        ...described(initializer),
        dataLocation: DataLocation.EXTERNAL,
        externalData: Object.entries(place).map(([key, value]) => ({ key, value })),
      }),
    ),
  );
};

const pages = (length: number): number => Math.ceil(length / pageSize) * pageSize;

/** The model's message around its initialisers. */
const around = ({ message }: OnnxModel, initializers: readonly Parts[]): Parts => {
  const { graph, ...rest } = message;
  const model = toBinary(ModelProtoSchema, { ...rest });
  const nodes = graph ? toBinary(GraphProtoSchema, graph) : new Uint8Array();
  const weights = initializers.map((each) => field(initializerField, each));
  return join([bytes(model), field(graphField, join([bytes(nodes), ...weights]))]);
};

/**
 * The bytes of a model's file, and with a name for it those of a file of weights beside it.
 * @param location  the name that the model's file has for the file of weights
 */
export const onnxFile = (model: OnnxModel, location?: string): OnnxFile => {
  if (location === undefined) return { model: around(model, model.initializers.map(inside)) };
  const data: Parts[] = [];
  let offset = 0;
  const written = model.initializers.map((initializer) => {
    const length = byteLength(initializer);
    if (length < smallest) return inside(initializer);
    const placed = outside(initializer, location, offset);
    const end = pages(offset + length);
    data.push({ length, parts: () => [initializer.bytes()] }, bytes(new Uint8Array(end - offset - length)));
    offset = end;
    return placed;
  });
  return { model: around(model, written), data: join(data) };
};

const whole = ({ length, parts }: Parts): Uint8Array => {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts()) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/** A model's file in memory. */
export const onnxBytes = (model: OnnxModel): Uint8Array => whole(onnxFile(model).model);

/**
 * A model whose weights stay in other files, by bytes.
 * @param placeOf  the place of an initialiser's bytes; undefined for one that is put into the model itself. A path is the
 * name that the runtime will look for.
 */
export const onnxBeside = (
  model: OnnxModel,
  placeOf: (initializer: Initializer) => FilePlace | undefined,
): Uint8Array =>
  whole(
    around(
      model,
      model.initializers.map((initializer) => {
        const place = placeOf(initializer);
        return place ? outside(initializer, place.path, place.offset) : inside(initializer);
      }),
    ),
  );
