/**
 * Kernels of our own on tfjs's wasm backend: what layers and their gradients need and stock tfjs lacks or does
 * slowly.
 */
import { registerAdam } from './adam.js';
import { registerAffine } from './affine.js';
import { registerAttention } from './attention.js';
import { registerAttentionGradient } from './attentionGradient.js';
import { registerBroadcast } from './broadcast.js';
import { registerCast } from './cast.js';
import { registerConvolutions } from './convolutions.js';
import { registerDepthwise } from './depthwise.js';
import { registerDtypes } from './dtypes.js';
import { registerEinsum } from './einsum.js';
import { registerGather } from './gather.js';
import { nameKernels } from './heap.js';
import { registerIdentity } from './identity.js';
import { registerLayerNorm } from './layerNorm.js';
import { registerMaps } from './map.js';
import { registerMatMul } from './matMul.js';
import { registerNaN } from './nan.js';
import { registerNormalized } from './normalized.js';
import { registerPack } from './pack.js';
import { registerPadding } from './padding.js';
import { registerPatches } from './patchOperations.js';
import { registerPooling } from './pooling.js';
import { registerReductions } from './reductions.js';
import { registerSegments } from './segments.js';
import { registerSlice } from './slice.js';
import { registerSoftmax } from './softmax.js';
import { registerStridedSlice } from './stridedSlice.js';
import { registerTile } from './tile.js';
import { registerTranspose } from './transpose.js';
import { registerWaves } from './waves.js';

let isRegistered = false;

/** Puts every kernel into the registry of the wasm backend; doing it again changes nothing. */
export const registerKernels = (): void => {
  if (isRegistered) return;
  isRegistered = true;
  registerDtypes();
  registerMatMul();
  registerAffine();
  registerAttention();
  registerAttentionGradient();
  registerWaves();
  registerSoftmax();
  registerLayerNorm();
  registerReductions();
  registerGather();
  ['wasm', 'cpu'].forEach(registerEinsum);
  registerSegments();
  registerConvolutions();
  registerPatches();
  registerDepthwise();
  registerPooling();
  registerPack();
  registerAdam();
  registerPadding();
  registerCast();
  registerIdentity();
  registerSlice();
  ['wasm', 'cpu'].forEach(registerStridedSlice);
  registerTile();
  registerTranspose();
  registerBroadcast();
  registerNaN();
  // Ours keep NaN: they go before those that look for it.
  registerMaps();
  ['wasm', 'cpu'].forEach(registerNormalized);
  nameKernels();
};
