/**
 * Options of whatever is written to files. A module of their own, so that declarations for users need no types of Node.
 */

export interface WriteOptions {
  /** Called after each part; the total may leave out the bytes that the format adds to the arrays. */
  readonly onProgress?: (bytesWritten: number, totalBytes: number) => void;
  /** Stops the writing when it is aborted, between two parts. */
  readonly signal?: AbortSignal;
}
