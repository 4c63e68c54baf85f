/**
 * Space to depth: blocks of pixels, of one frame or of several, become the channels of one position; and back.
 */
import * as tf from '@tensorflow/tfjs-core';
import { expectDivisible, ShapeError, showShape } from '../lib/data/shape.js';

/** Size of a block. */
export interface BlockSize {
  /** Pixels along height and along width; 1 if not given. */
  readonly spatial?: number;
  /** Frames, for videos; 1 if not given. */
  readonly temporal?: number;
}

/** Images are videos of one frame. [B, T, H, W, C] */
const asVideo = (frames: tf.Tensor): tf.Tensor5D => {
  if (frames.rank === 4) return tf.expandDims(frames, 1) as tf.Tensor5D;
  if (frames.rank === 5) return frames as tf.Tensor5D;
  throw new ShapeError(
    `frames have shape ${showShape(frames.shape)}, expected [B, H, W, C] or [B, T, H, W, C]`,
  );
};

/** As many axes as `frames` have; `temporal` is for videos alone. */
const likeFrames = (video: tf.Tensor5D, frames: tf.Tensor): tf.Tensor =>
  frames.rank === 4 ? tf.squeeze(video, [1]) : video;

/** Blocks of an image have no time. */
const blockOf = (frames: tf.Tensor, { spatial = 1, temporal = 1 }: BlockSize) => ({
  space: spatial,
  time: frames.rank === 4 ? 1 : temporal,
});

/**
 * Blocks become channels.
 *
 * Shapes: B batch, T frames, H height, W width, C channels, t frames of a block, d pixels of a block's side.
 * @param frames [B, H, W, C] or [B, T, H, W, C]
 * @returns [B, H/d, W/d, d·d·C] or [B, T/t, H/d, W/d, t·d·d·C], channels ordered (frame, row, column, channel)
 * @throws ShapeError when the block does not divide a size
 * Source: io_processors.py `space_to_depth`.
 */
export const spaceToDepth = (frames: tf.Tensor, block: BlockSize = {}): tf.Tensor => {
  const { space, time } = blockOf(frames, block);
  const video = asVideo(frames);
  const [B, T, H, W, C] = video.shape;
  expectDivisible('the number of frames', T, time, 'the temporal block');
  expectDivisible('the height', H, space, 'the spatial block');
  expectDivisible('the width', W, space, 'the spatial block');
  const rows = tf.reshape(video, [(B * T * H) / space, space, W / space, space * C]);
  const spatial = tf.transpose(rows, [0, 2, 1, 3]); // [B·T·H/d, W/d, d, d·C]
  const positions = (H * W) / space ** 2;
  const channels = space ** 2 * C;
  const times = tf.reshape(spatial, [(B * T) / time, time, positions, channels]);
  const blocks = tf.transpose(times, [0, 2, 1, 3]); // [B·T/t, H/d·W/d, t, d·d·C]
  return likeFrames(tf.reshape(blocks, [B, T / time, H / space, W / space, time * channels]), frames);
};

/**
 * Channels become blocks: the inverse of `spaceToDepth`.
 * @param frames [B, H, W, d·d·C] or [B, T, H, W, t·d·d·C]
 * @returns [B, H·d, W·d, C] or [B, T·t, H·d, W·d, C]
 * @throws ShapeError when the channels do not make whole blocks
 * Source: io_processors.py `reverse_space_to_depth`.
 */
export const depthToSpace = (frames: tf.Tensor, block: BlockSize = {}): tf.Tensor => {
  const { space, time } = blockOf(frames, block);
  const video = asVideo(frames);
  const [B, T, H, W, depth] = video.shape;
  expectDivisible('the number of channels', depth, time * space ** 2, "the block's size");
  const C = depth / (time * space ** 2);
  const blocks = tf.reshape(video, [B * T, H * W, time, space ** 2 * C]);
  const times = tf.transpose(blocks, [0, 2, 1, 3]); // [B·T, t, H·W, d·d·C]
  const spatial = tf.reshape(times, [B * T * time * H, W, space, space * C]);
  const rows = tf.transpose(spatial, [0, 2, 1, 3]); // [B·T·t·H, d, W, d·C]
  return likeFrames(tf.reshape(rows, [B, T * time, H * space, W * space, C]), frames);
};
