/** What the engine calls. */
export { draw } from './draw';
export { matMul } from './matMul';
export { serve, setThreads, setUp } from './pool';
