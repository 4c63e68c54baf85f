/** The kernels that graphs have as those that they are composed of, where nothing else is asked for. */

/** The kernels of ours that ONNX has a form of, though they are composed of others. */
export const kept: ReadonlySet<string> = new Set([
  ...['RengaAffine', 'RengaAttention', 'RengaLayerNorm', 'RengaGelu'],
  ...['RengaPack', 'RengaUnpack', 'RengaSums', 'RengaChoose'],
  ...['RengaBits', 'RengaSplitKey', 'RengaFoldIn', 'RengaUniform', 'RengaOffsets'],
]);

/** Tells kernels that ONNX has no form of; whether they are composed of others, the engine knows. */
export const isComposedByDefault = (kernel: string): boolean => !kept.has(kernel);
