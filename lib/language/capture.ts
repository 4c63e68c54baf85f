/**
 * Capturing: `apply`, with the intermediates that layers show as host arrays beside the output.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { float32, type HostArray, sizeOf } from '../data/array.js';
import { toHostSync } from '../data/leaf.js';
import { type Selection, selects } from '../data/tree.js';
import type { ApplyOptions, TransformedWithState } from './transform.js';
import { eachPart, type Shown } from './watch.js';

export interface CaptureOptions {
  /**
   * Changes each part [..., n, width] before it is kept, [..., n, width'] again. For attention weights,
   * `(w) => tf.mean(w, 1)` keeps the mean over the heads.
   */
  readonly map?: (part: Tensor) => Tensor;
}

/** An intermediate of one call of a module; a module that is called again comes again. */
export interface Captured {
  /** The module's path. */
  readonly path: string;
  /** The name by which the module shows it. */
  readonly name: string;
  /** [..., rows, width] */
  readonly value: HostArray<'float32'>;
}

/** Parts [..., n, width] one after the other along their rows. */
const joined = (parts: readonly HostArray[], rows: number): HostArray<'float32'> => {
  const [{ shape }] = parts;
  const [leading, width] = [shape.slice(0, -2), shape[shape.length - 1]];
  const all = new Float32Array(sizeOf(leading) * rows * width);
  let offset = 0;
  for (const { shape, data } of parts) {
    const size = (shape.at(-2) as number) * width;
    for (let outer = 0; outer < sizeOf(leading); outer++)
      all.set(
        (data as Float32Array).subarray(outer * size, (outer + 1) * size),
        outer * rows * width + offset,
      );
    offset += size;
  }
  return float32([...leading, rows, width], all);
};

/**
 * A model's `apply` that also gives the intermediates of the selected paths. The output is the same as without.
 * @param selection  of `path/name`: `/cross_attention.*weights/`, say; a list of paths keeps the rest memory-bounded
 * @returns captured intermediates in the order of the calls; the tensors of output and state are the caller's
 * @throws Error when no intermediate is selected, with the paths that there are
 * @example
 * const look = capture(model, /encoder.*cross_attention.*weights/, { map: (w) => tf.mean(w, 1) });
 * const { output, captured } = look(params, state, {}, images); // captured[0].value: [B, N, 64]
 */
export const capture =
  <A extends readonly unknown[], B>(
    { apply }: Pick<TransformedWithState<A, B>, 'apply'>,
    selection: Selection,
    { map = (part) => part }: CaptureOptions = {},
  ) =>
  (
    ...[params, state, options, ...inputs]: Parameters<TransformedWithState<A, B>['apply']>
  ): ReturnType<TransformedWithState<A, B>['apply']> & { readonly captured: readonly Captured[] } => {
    const captured: Captured[] = [];
    const paths = new Set<string>();
    const see = (shown: Shown): void => {
      const parts: HostArray[] = [];
      eachPart(shown, (part) => void parts.push(toHostSync(map(part))));
      if (parts.length)
        captured.push({ path: shown.path, name: shown.name, value: joined(parts, shown.rows) });
    };
    const isSelected = selects(selection);
    const test = (path: string): boolean => {
      paths.add(path);
      return isSelected(path);
    };
    const of: Selection = Array.isArray(selection) ? selection : test;
    const watched: ApplyOptions = { ...options, watch: { of, see } };
    const { output, state: after } = apply(params, state, watched, ...(inputs as unknown as A));
    if (captured.length === 0) {
      const known = paths.size > 0 ? `there are ${[...paths].join(', ')}` : 'none is shown there';
      throw new Error(`capture: found no intermediate at ${String(selection)}; ${known}`);
    }
    return { output, state: after, captured };
  };
