/** The functions of the page, called from outside; arguments and results are JSON. */
import '@tensorflow/tfjs-backend-webgl';
import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { type Backend, engine, type EngineInfo } from '../../lib/engine/index.js';
import { type RunOptions, runGoldens, type Totals } from '../golden/run.js';
import { checkLayers } from './layers.js';
import { checkOperations } from './operations.js';

const functions = {
  /** Starts the engine; the message of what it throws, where it does. */
  start: (backend: Backend): Promise<EngineInfo | string> =>
    engine({ backend }).catch((error: unknown) => (error as Error).message),
  /** Runs goldens of the machine that serves the page, on the engine that runs. */
  goldens: (directory: string, options: Omit<RunOptions, 'print'>): Promise<Totals> =>
    runGoldens(directory, { ...options, print: (line) => console.log(line) }),
  /** Reads a sum at once, which fails, and after it was awaited. */
  readings: async (): Promise<{ readonly atOnce: string; readonly awaited: readonly number[] }> => {
    const sum = tf.sum(tf.tensor1d(Array.from({ length: 3000 }, () => 1e-3)));
    let atOnce = 'it can be read';
    try {
      sum.dataSync();
    } catch (error) {
      atOnce = (error as Error).message;
    }
    await sum.data();
    return { atOnce, awaited: Array.from(sum.dataSync(), Math.round) };
  },
  /** A layer compiled for onnxruntime's WebGPU. */
  compiledLayer: async (weights?: 'float16') => (await import('./compiled.js')).checkLayer(weights),
  /** Training steps compiled for onnxruntime's WebGPU. */
  compiledSteps: async () => (await import('./compiled.js')).checkSteps(),
  /** Arrays taken apart and joined, compiled for onnxruntime's WebGPU. */
  compiledParts: async () => (await import('./compiled.js')).checkManyParts(),
  /** Random draws compiled for onnxruntime's WebGPU. */
  compiledDraws: async () => (await import('./compiled.js')).checkDraws(),
  /** Takes a backend away from tfjs, as if its package had not been imported. */
  forget: async (backend: Backend): Promise<void> => tf.removeBackend(backend),
  /** Compares the operations that layers use on a backend with the same on the processor. */
  operations: checkOperations,
  /** Compares layers and their gradients on a backend with the same on the processor. */
  layers: checkLayers,
};

export type InPage = typeof functions;

Object.assign(globalThis, { inPage: functions });
