/** The kernels as WebAssembly, in base64; the build compiles them from lib/engine/assembly. */
export const plain: string;
/** With relaxed SIMD, for machines that have it. */
export const relaxed: string;
