/** The kernels as WebAssembly, in base64; the build compiles them from lib/engine/assembly. */
export const plain: string;
/** With relaxed SIMD, for machines that have it. */
export const relaxed: string;
/** With taller tiles, for engines that make one operation of 256 bits of two of 128. */
export const wide: string;
