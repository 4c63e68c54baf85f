/**
 * Capturing: `apply`, with the intermediates that layers show as host arrays beside the output. Tensors are kept during
 * the forward pass and read after it, so that every backend can be captured on.
 */
import * as tf from '@tensorflow/tfjs-core';
import { float32, type HostArray, sizeOf } from '../data/array.js';
import { toHost } from '../data/leaf.js';
import { type Selection, selects } from '../data/tree.js';
import type { ApplyOptions, TransformedWithState } from './transform.js';
import { eachPart, type Shown } from './watch.js';

export interface CaptureOptions {
  /**
   * Changes each part [..., n, width] before it is kept, [..., n, width'] again. For attention weights,
   * `(w) => tf.mean(w, 1)` keeps the mean over the heads.
   */
  readonly map?: (part: tf.Tensor) => tf.Tensor;
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

/** One call of a module that shows an intermediate, with the parts that were kept of it. */
interface Call {
  readonly shown: Shown;
  readonly parts: readonly tf.Tensor[];
}

const read = async ({ shown: { path, name, rows }, parts }: Call): Promise<Captured> => ({
  path,
  name,
  value: joined(await Promise.all(parts.map(toHost)), rows),
});

/**
 * A model's `apply` that also gives the intermediates of the selected paths. The output is the same as without.
 * @param selection  of `path/name`: `/cross_attention.*weights/`, say; a list of paths keeps the rest memory-bounded
 * @returns a promise of output, state, and captured intermediates in the order of the calls; the tensors of output and
 * state are the caller's. It cannot be awaited in a tidy: parts are freed when they are read.
 * @throws Error when no intermediate is selected, with the paths that there are
 * @example
 * const look = capture(model, /encoder.*cross_attention.*weights/, { map: (w) => tf.mean(w, 1) });
 * const { output, captured } = await look(params, state, {}, images); // captured[0].value: [B, N, 64]
 */
export const capture =
  <A extends readonly unknown[], B>(
    { apply }: Pick<TransformedWithState<A, B>, 'apply'>,
    selection: Selection,
    { map = (part) => part }: CaptureOptions = {},
  ) =>
  async (
    ...[params, state, options, ...inputs]: Parameters<TransformedWithState<A, B>['apply']>
  ): Promise<
    ReturnType<TransformedWithState<A, B>['apply']> & { readonly captured: readonly Captured[] }
  > => {
    const calls: Call[] = [];
    const paths = new Set<string>();
    const see = (shown: Shown): void => {
      const parts: tf.Tensor[] = [];
      calls.push({ shown, parts });
      // A copy of the handle, since a part may be a tensor that the layer goes on to use.
      eachPart(shown, (part) => void parts.push(tf.keep(tf.clone(map(part)))));
    };
    const isSelected = selects(selection);
    const test = (path: string): boolean => {
      paths.add(path);
      return isSelected(path);
    };
    const of: Selection = Array.isArray(selection) ? selection : test;
    const watched: ApplyOptions = { ...options, watch: { of, see } };
    try {
      const { output, state: after } = apply(params, state, watched, ...(inputs as unknown as A));
      const made = calls.filter(({ parts }) => parts.length > 0);
      if (made.length === 0) {
        const known = paths.size > 0 ? `there are ${[...paths].join(', ')}` : 'none is shown there';
        throw new Error(`capture: found no intermediate at ${String(selection)}; ${known}`);
      }
      return { output, state: after, captured: await Promise.all(made.map(read)) };
    } finally {
      tf.dispose(calls.flatMap(({ parts }) => parts));
    }
  };
