/** What the engine calls. */
export { matMul } from './matMul';
export { serve, setThreads, setUp } from './pool';
