/** Layers made of layers. */
export { lift, mapInputs, mapOutput, named, residual, whenTraining } from './adapt.js';
export type { Rows } from './byParts.js';
export { chain, identity, repeat, stack } from './chain.js';
export { layerStack, layerStackWithInputs } from './layerStack.js';
export type { LayerStackOptions, PerLayer } from './layerStack.js';
export { fanOut, parallel } from './parallel.js';
export { remat } from './remat.js';
