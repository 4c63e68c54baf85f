/**
 * Kernels at the shapes that the published models use them at.
 */
import type { Ops, Program, Shape } from '../ops.js';
import type { InputSpec, Work } from '../work.js';

const kernel = (
  name: string,
  shapes: readonly Shape[],
  program: Program,
  more: Partial<Work> = {},
): Work => ({
  name,
  group: 'kernel',
  inputs: shapes.map((shape, i): InputSpec => ({ name: `${name} ${i}`, shape, kind: 'normal', range: 1 })),
  program,
  library: { kind: 'operations' },
  tolerance: 1e-4,
  ...more,
});

/** The product of a linear layer, [M, K] · [K, N] + [N], with weights that stay. */
const product = (m: number, k: number, n: number, where: string, more: Partial<Work> = {}): Work =>
  kernel(
    `product ${m} × ${k} × ${n} (${where})`,
    [[m, k]],
    <T>(ops: Ops<T>, [x]: readonly T[]) => [
      ops.affine(x, ops.param('linear', 'w', [k, n]), ops.param('linear', 'b', [n])),
    ],
    more,
  );

export const products: readonly Work[] = [product(512, 1024, 1024, 'ImageNet, latents', { isQuick: true })];
