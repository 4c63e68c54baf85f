/** The functions that the engine calls. */
export { adam } from './adam';
export { attention, attentionFits, attentionGathers } from './attention';
export { attentionBack, attentionBackNeeds } from './attentionBack';
export { attentionHeadNeeds, attentionHeads } from './attentionHead';
export { beginDraw } from './draw';
export { gather, sumSegments } from './gather';
export { layerNorm, layerNormBack, layerNormShares } from './layerNorm';
export { map } from './map';
export { matMul } from './matMul';
export { patches } from './patches';
export { running, serve, setThreads, settle, setUp } from './pool';
export { poolBack } from './poolBack';
export { reduce, reduceNeeds } from './reduce';
export { softmax } from './softmax';
export { transpose } from './transpose';
export { fourier, wave } from './waves';
