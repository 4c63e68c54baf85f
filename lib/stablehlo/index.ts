/** StableHLO: functions and layers as programs for JAX and other compilers. */
export { exportJax, stablehloText } from './exportJax.js';
export type { JaxOptions } from './exportJax.js';
export { layerFunction } from './layerFunction.js';
export type { LayerFunction } from './layerFunction.js';
export { writeJax } from './writeJax.js';
export { UnsupportedError } from '../graph/unsupportedError.js';
