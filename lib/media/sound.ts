/** Sound in host memory: samples in [-1, 1], channel by channel. */

export interface Sound {
  /** Samples of a channel in a second. */
  readonly sampleRate: number;
  /** Samples of each channel, all of one length. */
  readonly channels: readonly Float32Array[];
}
