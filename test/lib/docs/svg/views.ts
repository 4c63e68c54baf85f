/** Views to draw: by hand, and at random with all that a layout can stumble over. */
import * as fc from '../../../property.js';
import type { Arrow, Block, BlockGroup, View } from '../../../../lib/docs/document.js';

export const block = (id: string, more: Partial<Block> = {}): Block => ({
  ...{ id, kind: 'module', label: id, count: 1, repeats: 1, parameters: 0, flops: 0 },
  ...more,
});

export const group = (id: string, within?: string): BlockGroup => ({
  ...{ id, label: id, path: `model/~/${id}`, count: 1, repeats: 1 },
  ...(within === undefined ? {} : { group: within }),
});

export const arrow = (from: string, to: string, more: Partial<Arrow> = {}): Arrow => ({
  ...{ from, to, shape: [2048, 768], kind: 'data' },
  ...more,
});

export const view = (
  blocks: readonly Block[],
  arrows: readonly Arrow[],
  groups: readonly BlockGroup[] = [],
): View => ({ depth: 1, blocks, groups, arrows });

const label = fc.oneof(
  fc.stringMatching(/^[a-z_]{1,24}$/),
  fc.constantFrom('+', 'concat', 'perceiver_encoder/~/cross_attention_with_quite_a_long_name/~/linear_3'),
);
const size = fc.constantFrom(1, 2, 26);

const blockLike = (groups: readonly string[]) =>
  fc.record({
    kind: fc.constantFrom<Block['kind']>('input', 'module', 'module', 'operation', 'output'),
    label,
    count: size,
    repeats: size,
    parameters: fc.nat(1e9),
    flops: fc.nat(1e12),
    group: fc.constantFrom(undefined, ...groups),
  });

const arrowLike = (ids: readonly string[]) =>
  fc.record({
    from: fc.constantFrom(...ids),
    to: fc.constantFrom(...ids),
    shape: fc.array(fc.integer({ min: 1, max: 60_000 }), { maxLength: 5 }),
    kind: fc.constantFrom<Arrow['kind']>('data', 'data', 'data', 'weights'),
    as: fc.constantFrom<Arrow['as']>(undefined, undefined, 'queries', 'keys and values', 'mask'),
  });

/** Groups in groups, some of them empty; cycles, arrows to oneself, several arrows between the same two. */
export const anyView = (mostBlocks: number): fc.Arbitrary<View> =>
  fc.array(fc.record({ label, parent: fc.nat(8), count: size }), { maxLength: 5 }).chain((given) => {
    const groups = given.map(({ label, parent, count }, i): BlockGroup => ({
      ...{ id: `g${i}`, label, path: label, count, repeats: 1 },
      ...(parent < i ? { group: `g${parent}` } : {}),
    }));
    const ids = groups.map(({ id }) => id);
    return fc.array(blockLike(ids), { minLength: 1, maxLength: mostBlocks }).chain((blocks) => {
      const named = blocks.map((like, i): Block => ({ ...like, id: `b${i}` }));
      const arrows = fc.array(arrowLike(named.map(({ id }) => id)), { maxLength: 2 * mostBlocks });
      return arrows.map((arrows) => view(named, arrows, groups));
    });
  });
