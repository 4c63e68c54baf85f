/**
 * A model's cost by the length of its input, beside the cost of its own latent layers if they attended to every
 * element themselves, as a Transformer's do.
 */
import { flopsOf } from '../graph/flops.js';
import type { Node, Trace } from '../graph/graph.js';
import type { PeakBytes } from '../graph/liveBytes.js';
import type { GrowthPoint } from './document.js';
import type { Drawing } from './draw.js';

const bytesPerNumber = 4;

const sizesOf = (node: Node, name: 'q' | 'k' | 'v'): readonly number[] =>
  node.inputs[name].shape as readonly number[];

const isAttention = ({ kernel }: Node): boolean => kernel === 'RengaAttention';

/** The layers in which latents attend to one another: the costliest such box, of the first drawing that shows one. */
const latentLayers = (drawings: Iterable<Drawing>): readonly Node[] => {
  for (const { view, homes } of drawings) {
    const layers = view.blocks
      .filter(({ attention }) => attention === 'self')
      .sort((a, b) => b.flops - a.flops);
    if (layers.length) return [...homes].filter(([, id]) => id === layers[0].id).map(([node]) => node);
  }
  return [];
};

/** The cost of a forward pass of latent layers at another length. */
const atLength = (layers: readonly Node[], length: number): GrowthPoint['transformer'] => {
  const attention = layers.filter(isAttention);
  const [, latents, numHeads, keyWidth] = sizesOf(attention[0], 'q');
  const ratio = length / latents;
  const flops = layers.reduce(
    (sum, node) => sum + flopsOf(node) * (isAttention(node) ? ratio ** 2 : ratio),
    0,
  );
  // One layer at a time: scores and their softmax, and queries, keys, values and the stream that they are added to.
  const numbers = 2 * numHeads * length ** 2 + 4 * length * numHeads * keyWidth;
  return { flops, bytes: bytesPerNumber * numbers };
};

/**
 * A point of the chart.
 * @returns nothing where the model has no layer in which latents attend to one another
 */
export const growthPoint = (
  size: number,
  { nodes }: Trace,
  peakBytes: PeakBytes,
  drawings: Iterable<Drawing>,
): GrowthPoint | undefined => {
  const layers = latentLayers(drawings);
  if (!layers.some(isAttention)) return undefined;
  const length = Math.max(...nodes.filter(isAttention).map((node) => sizesOf(node, 'k')[1]));
  return {
    size,
    length,
    flops: nodes.reduce((sum, node) => sum + flopsOf(node), 0),
    bytes: peakBytes.tiled,
    transformer: atLength(layers, length),
  };
};
