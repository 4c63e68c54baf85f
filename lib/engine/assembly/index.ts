/** What the engine calls. */
export { map } from './map';
export { matMul } from './matMul';
export { serve, setThreads, setUp } from './pool';
