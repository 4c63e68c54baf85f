/**
 * Starting tfjs's backends for graphics processors, WebGPU and WebGL. The page imports the backend's package, which makes
 * the backend known to tfjs; it is prepared here, and what prevents it from running is an error.
 */
import * as tf from '@tensorflow/tfjs-core';
import { AwaitedValuesError } from '../operations/valuesAtHand.js';
import { isNode } from '../wasm/platform.js';
import { registerComposed } from './composed.js';

/** The backends that compute on a graphics processor. */
export type GpuBackend = 'webgpu' | 'webgl';

export const gpuBackends: readonly GpuBackend[] = ['webgpu', 'webgl'];

/** The used part of WebGPU's interface. */
interface Adapter {
  readonly info?: { readonly vendor: string; readonly architecture: string; readonly description: string };
}
interface Gpu {
  requestAdapter(options: object): Promise<Adapter | null>;
}

const gpuOfPage = (): Gpu | undefined =>
  (globalThis.navigator as unknown as { readonly gpu?: Gpu } | undefined)?.gpu;

/** The error of a backend that cannot run, with what to do. */
const cannot = (name: GpuBackend, why: string): Error =>
  new Error(`engine: backend '${name}' cannot run: ${why}; engine() runs everywhere`);

/** The name of the adapter that WebGPU gives. @throws Error where there is none */
const adapterOfWebGpu = async (): Promise<string> => {
  const gpu = gpuOfPage();
  if (!gpu)
    throw cannot(
      'webgpu',
      isNode()
        ? 'Node has no WebGPU; it runs in pages'
        : 'this browser has no WebGPU, or the page is not served by https or from this machine',
    );
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw cannot('webgpu', 'this browser offers no adapter for WebGPU (chrome://gpu says why)');
  const { vendor = '', architecture = '', description = '' } = adapter.info ?? {};
  return description || [vendor, architecture].filter((part) => part !== '').join(' ') || 'unnamed';
};

/** The name of the renderer that WebGL gives. @throws Error where there is none, or one of too small numbers */
const adapterOfWebGl = (): string => {
  if (typeof OffscreenCanvas === 'undefined' && typeof document === 'undefined')
    throw cannot('webgl', isNode() ? 'Node has no WebGL; it runs in pages' : 'there is no canvas here');
  const canvas =
    typeof OffscreenCanvas === 'undefined' ? document.createElement('canvas') : new OffscreenCanvas(1, 1);
  const gl = canvas.getContext('webgl2') as WebGL2RenderingContext | null;
  if (!gl) throw cannot('webgl', 'this browser offers no WebGL 2');
  if (!gl.getExtension('EXT_color_buffer_float'))
    throw cannot('webgl', 'its textures hold no float32, and float16 is not enough');
  const debug = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(debug ? debug.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return name;
};

/**
 * Prepares tfjs's backend of that name, which the caller then makes the current one.
 * @returns the name of the graphics processor
 * @throws Error where there is no graphics processor for it, or its package was not imported
 */
export const prepareGpu = async (name: GpuBackend): Promise<string> => {
  const source = `@tensorflow/tfjs-backend-${name}`;
  // WebGPU's package makes its backend known only where the browser has WebGPU, and WebGL's only in pages.
  if (!tf.findBackendFactory(name) && (name === 'webgpu' ? gpuOfPage() : !isNode()))
    throw new Error(
      `engine: backend '${name}' is not loaded: npm install ${source}@${tf.version_core}, and before engine() ` +
        `\`await import('${source}')\``,
    );
  const adapter = name === 'webgpu' ? await adapterOfWebGpu() : adapterOfWebGl();
  // Float16 textures are too coarse for the promised results.
  if (name === 'webgl') tf.env().set('WEBGL_FORCE_F16_TEXTURES', false);
  registerComposed(name);
  return adapter;
};

/** The part of tfjs's WebGPU backend that its published type leaves out, or may not be there for. */
interface WebGpu extends tf.KernelBackend {
  readonly tensorMap: {
    get(dataId: tf.DataId): { values: tf.BackendValues | null; readonly dtype: tf.DataType };
  };
  readonly device: { addEventListener(kind: 'uncapturederror', listener: (event: Uncaptured) => void): void };
  uploadToGPU(dataId: tf.DataId): void;
}

interface Uncaptured {
  readonly error: { readonly message: string };
}

/**
 * Makes reading at once an error where the values have to be awaited: tfjs would paint them on a canvas and read that,
 * which not every browser survives. Integers and booleans keep their values on the host when they are uploaded, since
 * random keys and ids are read there.
 */
const guardReading = (backend: WebGpu): void => {
  const upload = backend.uploadToGPU.bind(backend);
  backend.uploadToGPU = (dataId) => {
    const data = backend.tensorMap.get(dataId);
    const { values, dtype } = data;
    upload(dataId);
    if (values && dtype !== 'float32') data.values = values;
  };
  backend.readSync = (dataId) => {
    const { values } = backend.tensorMap.get(dataId);
    if (!values) throw new AwaitedValuesError();
    return values;
  };
};

/** Makes what the device refuses an error where a result is awaited; the result would be zeros otherwise. */
const guardPrograms = (backend: WebGpu): void => {
  let refused: string | undefined;
  backend.device.addEventListener('uncapturederror', ({ error }) => {
    refused ??= error.message;
  });
  const read = backend.read.bind(backend);
  backend.read = async (dataId) => {
    const values = await read(dataId);
    if (refused === undefined) return values;
    const message = `WebGPU refused to compute: ${refused}`;
    refused = undefined;
    throw new Error(message);
  };
};

/** Makes a new backend fit for layers. */
export const prepareBackend = (name: GpuBackend, backend: tf.KernelBackend): void => {
  if (name !== 'webgpu') return;
  guardReading(backend as WebGpu);
  guardPrograms(backend as WebGpu);
};
