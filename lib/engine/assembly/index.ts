/** What the engine calls. */
export { attention, attentionFits, attentionGathers } from './attention';
export { beginDraw } from './draw';
export { layerNorm, layerNormBack, layerNormShares } from './layerNorm';
export { map } from './map';
export { matMul } from './matMul';
export { finish, serve, setThreads, setUp } from './pool';
export { reduce, reduceNeeds } from './reduce';
export { softmax } from './softmax';
