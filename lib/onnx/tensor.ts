/**
 * Initialisers: the arrays that an ONNX model carries, by name, with their bytes as they stand in the file.
 */
import { bytesPerElement, type FilePlace, sizeOf } from '../data/array.js';
import { TensorProto_DataType as DataType } from './onnx_pb.js';

/** Element types that exported models use. */
export type ElementType =
  'float32' | 'float16' | 'float64' | 'int32' | 'int64' | 'uint32' | 'uint8' | 'int8' | 'bool';

/** ONNX's number for each element type. */
export const dataTypes: Readonly<Record<ElementType, DataType>> = {
  float32: DataType.FLOAT,
  float16: DataType.FLOAT16,
  float64: DataType.DOUBLE,
  int32: DataType.INT32,
  int64: DataType.INT64,
  uint32: 12 as DataType,
  uint8: DataType.UINT8,
  int8: DataType.INT8,
  bool: DataType.BOOL,
};

/** One array of a model. Its bytes are read when the model is written, not before. */
export interface Initializer {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly bytes: () => Uint8Array;
  /** The place of these bytes in a file, where they lie in one; asked for when the model is written. */
  readonly place?: () => FilePlace | undefined;
}

/** The size of an initialiser in bytes. */
export const byteLength = ({ shape, type }: Pick<Initializer, 'shape' | 'type'>): number =>
  sizeOf(shape) * bytesPerElement[type];
