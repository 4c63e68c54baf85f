/**
 * The patches that the windows of a convolution see, one a row, and the way back, for images and videos [batch, depth,
 * height, width, channels]; an image is a video of depth 1. Pixels outside are zero.
 */
import { job, launch, nextJob } from './pool';
import { copyRun } from './simd';
import { addPatchesTask, extractPatchesTask } from './tasks';

/** Elements of a task. */
const elementsOfTask: i32 = 16384;

@unmanaged
class PatchesJob {
  input: usize;
  patches: usize;
  /** Windows first … end − 1 of the whole batch have a row. */
  first: i32;
  end: i32;
  batch: i32;
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
  dilationDepth: i32;
  dilationHeight: i32;
  dilationWidth: i32;
  front: i32;
  top: i32;
  left: i32;
}

@inline function rowSize(j: PatchesJob): i32 {
  return j.filterDepth * j.filterHeight * j.filterWidth * j.channels;
}

@inline function rowsOfTask(j: PatchesJob): i32 {
  return max(1, elementsOfTask / rowSize(j));
}

@inline function clear(to: usize, bytes: usize): void {
  for (const end = to + bytes; to < end; to += 4) store<f32>(to, 0);
}

/** One line of a window, from pixel x on of the line that begins at `line`. */
@inline function extractLine(j: PatchesJob, line: usize, x: i32, to: usize): void {
  const pixel = <usize>j.channels << 2;
  const step = j.dilationWidth;
  if (step == 1) {
    // The pixels that are inside lie side by side, in the line as in the row.
    const before = min(j.filterWidth, max(0, -x));
    const after = max(before, min(j.filterWidth, j.width - x));
    clear(to, <usize>before * pixel);
    copyRun(to + <usize>before * pixel, line + <usize>(x + before) * pixel, <usize>(after - before) * pixel);
    clear(to + <usize>after * pixel, <usize>(j.filterWidth - after) * pixel);
    return;
  }
  for (let v = 0; v < j.filterWidth; v++, x += step, to += pixel) {
    if (x >= 0 && x < j.width) copyRun(to, line + <usize>x * pixel, pixel);
    else clear(to, pixel);
  }
}

/** Some windows' rows. */
export function extractRows(index: i32): void {
  const j = job<PatchesJob>();
  const step = rowsOfTask(j);
  const start = j.first + index * step;
  const lineBytes = <usize>(j.width * j.channels) << 2;
  const rowLine = <usize>(j.filterWidth * j.channels) << 2;
  let to = j.patches + ((<usize>(index * step) * rowSize(j)) << 2);
  for (let p = start, end = min(start + step, j.end); p < end; p++) {
    const column = p % j.outWidth;
    const row = (p / j.outWidth) % j.outHeight;
    const frame = (p / j.outWidth / j.outHeight) % j.outDepth;
    const batch = p / j.outWidth / j.outHeight / j.outDepth;
    const x = column * j.strideWidth - j.left;
    for (let d = 0; d < j.filterDepth; d++) {
      const z = frame * j.strideDepth - j.front + d * j.dilationDepth;
      for (let h = 0; h < j.filterHeight; h++, to += rowLine) {
        const y = row * j.strideHeight - j.top + h * j.dilationHeight;
        if (z < 0 || z >= j.depth || y < 0 || y >= j.height) clear(to, rowLine);
        else extractLine(j, j.input + (<usize>((batch * j.depth + z) * j.height) + y) * lineBytes, x, to);
      }
    }
  }
}

/** to += from */
@inline function addRun(to: usize, from: usize, bytes: usize): void {
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
  for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at));
}

/** Adds one line of a window to the line of the input that it saw. */
@inline function addLine(j: PatchesJob, line: usize, x: i32, from: usize): void {
  const pixel = <usize>j.channels << 2;
  const step = j.dilationWidth;
  if (step == 1) {
    const before = min(j.filterWidth, max(0, -x));
    const after = max(before, min(j.filterWidth, j.width - x));
    addRun(line + <usize>(x + before) * pixel, from + <usize>before * pixel, <usize>(after - before) * pixel);
    return;
  }
  for (let v = 0; v < j.filterWidth; v++, x += step, from += pixel) {
    if (x >= 0 && x < j.width) addRun(line + <usize>x * pixel, from, pixel);
  }
}

/** Adds to one line of the input all windows that saw it, as line h of their frame d, in their order. */
function addWindows(j: PatchesJob, line: usize, batch: i32, frame: i32, row: i32, d: i32, h: i32): void {
  const size = <usize>rowSize(j) << 2;
  const within = <usize>((d * j.filterHeight + h) * j.filterWidth * j.channels) << 2;
  const start = ((batch * j.outDepth + frame) * j.outHeight + row) * j.outWidth;
  const first = max(start, j.first);
  const end = min(start + j.outWidth, j.end);
  for (let p = first; p < end; p++) {
    addLine(j, line, (p - start) * j.strideWidth - j.left, j.patches + <usize>(p - j.first) * size + within);
  }
}

/** The window along one axis that sees a place as its element k; −1 where there is none. */
@inline function windowAt(place: i32, k: i32, before: i32, stride: i32, dilation: i32, count: i32): i32 {
  const from = place + before - k * dilation;
  if (from < 0 || from % stride != 0) return -1;
  const window = from / stride;
  return window < count ? window : -1;
}

@inline function linesOfTask(j: PatchesJob): i32 {
  return max(1, elementsOfTask / (j.width * j.channels * j.filterHeight));
}

/** Adds to some lines of the input what windows saw there. */
export function addToLines(index: i32): void {
  const j = job<PatchesJob>();
  const step = linesOfTask(j);
  const lineBytes = <usize>(j.width * j.channels) << 2;
  const lines = j.batch * j.depth * j.height;
  for (let i = index * step, end = min(i + step, lines); i < end; i++) {
    const y = i % j.height;
    const z = (i / j.height) % j.depth;
    const line = j.input + <usize>i * lineBytes;
    for (let d = 0; d < j.filterDepth; d++) {
      const frame = windowAt(z, d, j.front, j.strideDepth, j.dilationDepth, j.outDepth);
      if (frame < 0) continue;
      for (let h = 0; h < j.filterHeight; h++) {
        const row = windowAt(y, h, j.top, j.strideHeight, j.dilationHeight, j.outHeight);
        if (row >= 0) addWindows(j, line, i / j.height / j.depth, frame, row, d, h);
      }
    }
  }
}

/** The fields of the job, in their order. Patches are filled, or with `adds` added to the input. */
export function patches(
  adds: bool,
  input: usize,
  rows: usize,
  first: i32,
  end: i32,
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
  dilationDepth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  front: i32,
  top: i32,
  left: i32,
): void {
  const j = nextJob<PatchesJob>();
  j.input = input;
  j.patches = rows;
  j.first = first;
  j.end = end;
  j.batch = batch;
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
  j.dilationDepth = dilationDepth;
  j.dilationHeight = dilationHeight;
  j.dilationWidth = dilationWidth;
  j.front = front;
  j.top = top;
  j.left = left;
  const step = adds ? linesOfTask(j) : rowsOfTask(j);
  const count = adds ? batch * depth * height : end - first;
  launch(adds ? addPatchesTask : extractPatchesTask, (count + step - 1) / step);
}
