/**
 * The engine of a page that answers. `?backend=webgpu` or `?backend=wasm` in the page's address chooses its backend;
 * without it, the page takes WebGPU where the browser offers a graphics processor, and WebAssembly elsewhere. The page
 * that trains measures both there.
 */
import { counted } from '../../lib/data/quantities.js';
import { engine, type EngineInfo } from '../../lib/engine/index.js';
import { here } from './fetchBytes.js';

/** Backends that an address can ask for. */
const choices = ['wasm', 'webgpu'] as const;
export type Choice = (typeof choices)[number];

/** The backend that an address's query asks for, `?backend=webgpu`; undefined if it asks for none of the two. */
export const askedFor = (query: string): Choice | undefined => {
  const asked = new URLSearchParams(query).get('backend');
  return choices.find((choice) => choice === asked);
};

/** The used part of WebGPU's adapters. */
export interface Adapter {
  readonly isFallbackAdapter?: boolean;
  readonly info?: {
    readonly vendor?: string;
    readonly architecture?: string;
    readonly description?: string;
    readonly isFallbackAdapter?: boolean;
  };
}

interface Gpu {
  requestAdapter(options: object): Promise<Adapter | null>;
}

const gpu = (): Gpu | undefined =>
  (globalThis.navigator as unknown as { readonly gpu?: Gpu } | undefined)?.gpu;

const ofSoftware = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/** Tells an adapter of a graphics processor from one that a browser has in software. */
export const isHardware = ({ isFallbackAdapter, info = {} }: Adapter): boolean => {
  const { vendor = '', architecture = '', description = '' } = info;
  if (isFallbackAdapter || info.isFallbackAdapter) return false;
  return !ofSoftware.test(`${vendor} ${architecture} ${description}`);
};

/** Tells whether the browser offers WebGPU on a graphics processor. */
export const hasGraphicsProcessor = async (): Promise<boolean> => {
  const adapter = await gpu()
    ?.requestAdapter({ powerPreference: 'high-performance' })
    .catch(() => null);
  return adapter ? isHardware(adapter) : false;
};

export interface BackendOptions {
  /** Of WebAssembly. */
  readonly threads: number;
  /** The query of the page's address. */
  readonly query: string;
}

/** Starts the engine; `reason` of its info says why WebGPU does not run where it should. */
export const startBackend = async ({ threads, query }: BackendOptions): Promise<EngineInfo> => {
  const asked = askedFor(query);
  const ofWasm = { wasmPath: here.href, threads };
  if (asked === 'wasm' || (asked === undefined && !(await hasGraphicsProcessor()))) return engine(ofWasm);
  try {
    await import('@tensorflow/tfjs-backend-webgpu');
    return await engine({ backend: 'webgpu' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...(await engine(ofWasm)), reason };
  }
};

/** The backend, its threads or its graphics processor, and why it is not another one, in words. */
export const runsOn = ({ backend, threads, oneThread, adapter, reason }: EngineInfo): string => {
  const names = {
    wasm: `WebAssembly, ${counted(threads, 'thread')}${oneThread === undefined ? '' : `, since ${oneThread}`}`,
    cpu: 'JavaScript',
    webgpu: `WebGPU (${adapter})`,
    webgl: `WebGL (${adapter})`,
  };
  return `${names[backend]}${reason === undefined ? '' : ` (${reason})`}`;
};

/** The other backend that a page can be asked to run on; undefined where there is no WebGPU. */
export const otherChoice = ({ backend }: EngineInfo): Choice | undefined => {
  if (backend === 'webgpu') return 'wasm';
  return gpu() && 'webgpu';
};
