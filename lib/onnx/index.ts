/** ONNX: models as files that serving engines run. */
export { exportOnnx } from './exportOnnx.js';
export type { Exportable, OnnxModel, OnnxOptions } from './exportOnnx.js';
export { onnxBytes } from './onnxFile.js';
export { UnsupportedError } from './operators/index.js';
export { showOnnxFileError, writeOnnx } from './writeOnnx.js';
export type { OnnxFileError, WriteOnnxOptions, WrittenFiles } from './writeOnnx.js';
