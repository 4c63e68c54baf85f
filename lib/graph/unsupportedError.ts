/** The error of a kernel that a format of programs, ONNX or StableHLO, has no form for. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
}
