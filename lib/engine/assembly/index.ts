/** What the engine calls. */
export { attention, attentionFits, attentionGathers } from './attention';
export { matMul } from './matMul';
export { serve, setThreads, setUp } from './pool';
