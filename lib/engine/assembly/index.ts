/** What the engine calls. */
export { attention, attentionGathers } from './attention';
export { matMul } from './matMul';
export { serve, setThreads, setUp } from './pool';
