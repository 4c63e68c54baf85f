/** What the engine calls. */
export { beginDraw } from './draw';
export { matMul } from './matMul';
export { finish, serve, setThreads, setUp } from './pool';
