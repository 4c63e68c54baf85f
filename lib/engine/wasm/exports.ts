/**
 * The kernels as the WebAssembly module exports them; see assembly/index.ts.
 */

/** The exports of the module; addresses and sizes are numbers, flags are 0 or 1. */
export interface Exports {
  readonly adam: (...args: number[]) => void;
  readonly attention: (...args: number[]) => void;
  readonly attentionBack: (...args: number[]) => void;
  readonly attentionBackNeeds: (...args: number[]) => number;
  readonly attentionHeadNeeds: (queries: number, keys: number, width: number, valueWidth: number) => number;
  readonly attentionHeads: (...args: number[]) => void;
  readonly attentionFits: (keys: number, width: number, valueWidth: number, room: number) => number;
  readonly attentionGathers: (queries: number, valueWidth: number) => number;
  readonly beginDraw: (...args: number[]) => void;
  /** 1 where a phase was too large. */
  readonly fourier: (...args: number[]) => number;
  readonly gather: (...args: number[]) => void;
  readonly layerNorm: (...args: number[]) => void;
  readonly layerNormBack: (...args: number[]) => void;
  readonly layerNormShares: (rows: number, columns: number) => number;
  readonly map: (...args: number[]) => void;
  readonly matMul: (...args: number[]) => void;
  readonly patches: (...args: number[]) => void;
  readonly poolBack: (...args: number[]) => void;
  readonly reduce: (...args: number[]) => void;
  readonly reduceNeeds: (outer: number, steps: number, inner: number) => number;
  /** The number of the job under way, which may read and write memory; 0 where there is none. */
  readonly running: () => number;
  /** Takes part in the job under way until it is done. */
  readonly settle: () => void;
  readonly setUp: (control: number, scratch: number, scratchBytes: number, mayWait: number) => void;
  readonly setThreads: (count: number) => void;
  readonly serve: (thread: number) => void;
  readonly softmax: (...args: number[]) => void;
  readonly sumSegments: (...args: number[]) => void;
  readonly transpose: (...args: number[]) => void;
  /** 1 where an argument was too large. */
  readonly wave: (...args: number[]) => number;
}
