/** ONNX: models as files that serving engines run. */
export { exportOnnx, graphToOnnx } from './exportOnnx.js';
export type { OnnxModel, OnnxOptions } from './exportOnnx.js';
export { productTypes, type Products } from './operators/levels.js';
export { weightTypes } from './write.js';
export type { WeightType } from './write.js';
export { onnxBytes } from './onnxFile.js';
export { isComposedInOnnx } from './operators/index.js';
export { UnsupportedError } from '../graph/unsupportedError.js';
export { tritonConfig, unbatched } from './tritonConfig.js';
export { writeOnnx } from './writeOnnx.js';
export type { WriteOnnxOptions, WrittenOnnx } from './writeOnnx.js';
