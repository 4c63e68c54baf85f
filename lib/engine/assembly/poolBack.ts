/**
 * The gradient of max pools: each window's derivative goes to the first of its largest values. Images and videos are
 * [batch, depth, height, width, channels], as in patches.ts.
 */
import { job, launch, nextJob } from './pool';
import { poolBackTask } from './tasks';

@unmanaged
class PoolBackJob {
  dy: usize;
  input: usize;
  dx: usize;
  depth: i32;
  height: i32;
  width: i32;
  channels: i32;
  outDepth: i32;
  outHeight: i32;
  outWidth: i32;
  filterDepth: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideDepth: i32;
  strideHeight: i32;
  strideWidth: i32;
  front: i32;
  top: i32;
  left: i32;
}

/** Channels of a task, at most: a multiple of a vector. */
const channelsOfTask: i32 = 64;

@inline function addTo(to: usize, x: f32): void {
  store<f32>(to, load<f32>(to) + x);
}

/** The windows of one image of the batch in some of the channels. */
export function poolBackPart(index: i32): void {
  const j = job<PoolBackJob>();
  const groups = (j.channels + channelsOfTask - 1) / channelsOfTask;
  const batch = index / groups;
  const firstChannel = (index % groups) * channelsOfTask;
  const channels = min(channelsOfTask, j.channels - firstChannel);
  const pixel = <usize>j.channels << 2;
  const size = <usize>(j.depth * j.height * j.width) * pixel;
  const offset = <usize>firstChannel << 2;
  const image = j.input + <usize>batch * size + offset;
  const slopes = j.dx + <usize>batch * size + offset;
  const bytes = <usize>channels << 2;
  for (let at: usize = 0; at < size; at += pixel) memory.fill(slopes + at, 0, bytes);
  let dy = j.dy + <usize>batch * <usize>(j.outDepth * j.outHeight * j.outWidth) * pixel + offset;
  for (let frame = 0; frame < j.outDepth; frame++) {
    const z = frame * j.strideDepth - j.front;
    const z0 = max(0, z), z1 = min(j.depth, z + j.filterDepth);
    for (let row = 0; row < j.outHeight; row++) {
      const y = row * j.strideHeight - j.top;
      const y0 = max(0, y), y1 = min(j.height, y + j.filterHeight);
      for (let column = 0; column < j.outWidth; column++, dy += pixel) {
        const x = column * j.strideWidth - j.left;
        const x0 = max(0, x), x1 = min(j.width, x + j.filterWidth);
        if (z0 >= z1 || y0 >= y1 || x0 >= x1) continue;
        const first = <usize>((z0 * j.height + y0) * j.width + x0) * pixel;
        let c: usize = 0;
        for (; c + 16 <= bytes; c += 16) {
          let best = v128.load(image + first + c);
          let place = i32x4.splat(<i32>first);
          for (let d = z0; d < z1; d++) {
            for (let h = y0; h < y1; h++) {
              let at = <usize>((d * j.height + h) * j.width + x0) * pixel;
              for (let v = x0; v < x1; v++, at += pixel) {
                const value = v128.load(image + at + c);
                const wins = f32x4.gt(value, best);
                best = v128.bitselect(value, best, wins);
                place = v128.bitselect(i32x4.splat(<i32>at), place, wins);
              }
            }
          }
          const to = slopes + c;
          addTo(to + <usize>i32x4.extract_lane(place, 0), load<f32>(dy + c));
          addTo(to + <usize>i32x4.extract_lane(place, 1) + 4, load<f32>(dy + c, 4));
          addTo(to + <usize>i32x4.extract_lane(place, 2) + 8, load<f32>(dy + c, 8));
          addTo(to + <usize>i32x4.extract_lane(place, 3) + 12, load<f32>(dy + c, 12));
        }
        for (; c < bytes; c += 4) {
          let place = first;
          let best = load<f32>(image + first + c);
          for (let d = z0; d < z1; d++) {
            for (let h = y0; h < y1; h++) {
              let at = <usize>((d * j.height + h) * j.width + x0) * pixel;
              for (let v = x0; v < x1; v++, at += pixel) {
                const value = load<f32>(image + at + c);
                if (value > best) {
                  best = value;
                  place = at;
                }
              }
            }
          }
          addTo(slopes + place + c, load<f32>(dy + c));
        }
      }
    }
  }
}

/** The fields of the job, in their order, with the number of images before their sizes; all of dx is written. */
export function poolBack(
  dy: usize,
  input: usize,
  dx: usize,
  batch: i32,
  depth: i32,
  height: i32,
  width: i32,
  channels: i32,
  outDepth: i32,
  outHeight: i32,
  outWidth: i32,
  filterDepth: i32,
  filterHeight: i32,
  filterWidth: i32,
  strideDepth: i32,
  strideHeight: i32,
  strideWidth: i32,
  front: i32,
  top: i32,
  left: i32,
): void {
  const j = nextJob<PoolBackJob>();
  j.dy = dy;
  j.input = input;
  j.dx = dx;
  j.depth = depth;
  j.height = height;
  j.width = width;
  j.channels = channels;
  j.outDepth = outDepth;
  j.outHeight = outHeight;
  j.outWidth = outWidth;
  j.filterDepth = filterDepth;
  j.filterHeight = filterHeight;
  j.filterWidth = filterWidth;
  j.strideDepth = strideDepth;
  j.strideHeight = strideHeight;
  j.strideWidth = strideWidth;
  j.front = front;
  j.top = top;
  j.left = left;
  launch(poolBackTask, batch * ((channels + channelsOfTask - 1) / channelsOfTask));
}
