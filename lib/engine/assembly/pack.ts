/**
 * Matrices laid out for the tile: panels of a few lanes, lane after lane for each step of what is summed over, so that
 * the tile reads both operands in a straight line. Lanes that a matrix does not have are zero.
 */
import { tileColumns, tileRows } from './simd';

/** Lanes that lie side by side in memory, each step `stride` bytes after the one before. */
@inline function packAdjacent(width: i32, lanes: i32, from: usize, stride: usize, steps: i32, to: usize): void {
  if (lanes < width) {
    for (let k = 0; k < steps; k++) {
      for (let lane = 0; lane < lanes; lane++) store<f32>(to + (lane << 2), load<f32>(from + (lane << 2)));
      for (let lane = lanes; lane < width; lane++) store<f32>(to + (lane << 2), 0);
      from += stride;
      to += <usize>width << 2;
    }
    return;
  }
  for (let k = 0; k < steps; k++) {
    v128.store(to, v128.load(from));
    if (width == 5) store<f32>(to, load<f32>(from, 16), 16);
    if (width == 6) store<u64>(to, load<u64>(from, 16), 16);
    if (width == 8) v128.store(to, v128.load(from, 16), 16);
    from += stride;
    to += <usize>width << 2;
  }
}

/** The first `count` lanes of a vector. */
@inline function storeLanes(to: usize, value: v128, count: i32): void {
  if (count == 4) v128.store(to, value);
  if (count == 1) store<f32>(to, f32x4.extract_lane(value, 0));
  if (count == 2) store<u64>(to, i64x2.extract_lane(value, 0));
}

/** Four steps of up to four lanes, each lane a line of memory. */
@inline function transposeFour(from: usize, stride: usize, to: usize, step: usize, lanes: i32): void {
  const a = v128.load(from);
  const b = lanes > 1 ? v128.load(from + stride) : a;
  const c = lanes > 2 ? v128.load(from + 2 * stride) : a;
  const d = lanes > 2 ? v128.load(from + 3 * stride) : a;
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab2 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd2 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  storeLanes(to, v128.shuffle<f64>(ab, cd, 0, 2), lanes);
  storeLanes(to + step, v128.shuffle<f64>(ab, cd, 1, 3), lanes);
  storeLanes(to + 2 * step, v128.shuffle<f64>(ab2, cd2, 0, 2), lanes);
  storeLanes(to + 3 * step, v128.shuffle<f64>(ab2, cd2, 1, 3), lanes);
}

/** Lanes that are lines of memory, `stride` bytes apart, each step the next float of every line. */
@inline function packLines(width: i32, lanes: i32, from: usize, stride: usize, steps: i32, to: usize): void {
  const step = <usize>width << 2;
  let k = 0;
  if (lanes == width) {
    for (; k + 4 <= steps; k += 4) {
      transposeFour(from, stride, to, step, 4);
      if (width > 4) transposeFour(from + 4 * stride, stride, to + 16, step, width - 4);
      from += 16;
      to += step << 2;
    }
  }
  for (; k < steps; k++) {
    for (let lane = 0; lane < width; lane++) {
      store<f32>(to + (lane << 2), lane < lanes ? load<f32>(from + <usize>lane * stride) : 0);
    }
    from += 4;
    to += step;
  }
}

/**
 * A panel as high as the tile: `lanes` of its rows are there. Strides are in bytes, from lane to lane and from step to
 * step; one of them is 4.
 */
export function packRows(
  from: usize,
  lanes: i32,
  laneStride: usize,
  stepStride: usize,
  steps: i32,
  to: usize,
): void {
  if (laneStride == 4) packAdjacent(tileRows, lanes, from, stepStride, steps, to);
  else packLines(tileRows, lanes, from, laneStride, steps, to);
}

/** A panel as wide as the tile. */
export function packColumns(
  from: usize,
  lanes: i32,
  laneStride: usize,
  stepStride: usize,
  steps: i32,
  to: usize,
): void {
  if (laneStride == 4) packAdjacent(tileColumns, lanes, from, stepStride, steps, to);
  else packLines(tileColumns, lanes, from, laneStride, steps, to);
}

/** Panels that are packed side by side: what they are read from is then two lines of the cache. */
const panelsAtOnce: i32 = 4;

/**
 * Panels as wide as the tile, one after the other. What lies side by side is read in the order in which it lies.
 */
export function packBlock(
  from: usize,
  columns: i32,
  laneStride: usize,
  stepStride: usize,
  steps: i32,
  to: usize,
): void {
  const panelBytes = <usize>(tileColumns * steps) << 2;
  const width = tileColumns * panelsAtOnce;
  let c = 0;
  if (laneStride == 4) {
    for (; c + width <= columns; c += width) {
      let line = from + (<usize>c << 2);
      for (let at = to, end = to + panelBytes; at < end; at += 32) {
        v128.store(at, v128.load(line));
        v128.store(at, v128.load(line, 16), 16);
        const second = at + panelBytes, third = second + panelBytes, fourth = third + panelBytes;
        v128.store(second, v128.load(line, 32));
        v128.store(second, v128.load(line, 48), 16);
        v128.store(third, v128.load(line, 64));
        v128.store(third, v128.load(line, 80), 16);
        v128.store(fourth, v128.load(line, 96));
        v128.store(fourth, v128.load(line, 112), 16);
        line += stepStride;
      }
      to += panelBytes * panelsAtOnce;
    }
  }
  for (; c < columns; c += tileColumns, to += panelBytes) {
    packColumns(from + <usize>c * laneStride, min(tileColumns, columns - c), laneStride, stepStride, steps, to);
  }
}
