/** ONNX: models as files that serving engines run. */
export { exportOnnx } from './exportOnnx.js';
export type { Exportable, OnnxModel, OnnxOptions } from './exportOnnx.js';
export { onnxBytes } from './onnxFile.js';
export { UnsupportedError } from './operators/index.js';
export { writeOnnx } from './writeOnnx.js';
export type { WriteOnnxOptions, WrittenOnnx } from './writeOnnx.js';
