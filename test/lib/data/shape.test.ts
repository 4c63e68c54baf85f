/** Checks of shapes, and what they say. */
import t from 'tap';
import * as fc from '../../property.js';
import { expectDivisible, expectShape, sameShape, ShapeError, showShape } from '../../../lib/data/shape.js';

t.test('a shape is checked against numbers and letters, and the letters come back', async (t) => {
  t.same(expectShape('q', [2, 5, 8, 4], ['B', 'T', 8, 'D']), { B: 2, T: 5, D: 4 });
  t.same(expectShape('x', [], []), {});
  t.same(expectShape('kv', [2, 7], ['B', 'S'], { B: 2 }), { B: 2, S: 7 });
  t.same(expectShape('m', [3, 3], ['N', 'N']), { N: 3 });
});

t.test('what does not fit says which argument, what was found, what was expected', async (t) => {
  const message = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      t.ok(error instanceof ShapeError);
      return (error as Error).message;
    }
    return 'fits';
  };
  t.equal(
    message(() => expectShape('q', [2, 5], ['B', 'T', 'C'])),
    'q has shape [2, 5], expected [B, T, C]',
  );
  t.equal(
    message(() => expectShape('q', [2, 5, 3], ['B', 'T'])),
    'q has shape [2, 5, 3], expected [B, T]',
  );
  t.equal(
    message(() => expectShape('q', [2], [3])),
    'q has shape [2], expected [3]',
  );
  t.equal(
    message(() => expectShape('m', [3, 4], ['N', 'N'])),
    'm has shape [3, 4], expected [N, N]',
  );
  t.equal(
    message(() => expectShape('kv', [3, 7], ['B', 'S'], { B: 2 })),
    'kv has shape [3, 7], expected [B, S] with B = 2',
  );
});

t.test('a size that a letter already has counts, even zero', async (t) => {
  t.same(expectShape('x', [0, 0], ['N', 'N']), { N: 0 });
  t.throws(() => expectShape('x', [0, 1], ['N', 'N']), ShapeError);
});

t.test('widths must split evenly', async (t) => {
  t.doesNotThrow(() => expectDivisible('qkChannels', 8, 4, 'numHeads'));
  t.throws(() => expectDivisible('qkChannels', 9, 4, 'numHeads'), {
    name: 'ShapeError',
    message: 'qkChannels is 9, which numHeads (4) does not divide',
  });
  t.throws(() => expectDivisible('qkChannels', 9, 0, 'numHeads'), ShapeError);
});

t.test('shapes are the same when their sizes are', async (t) => {
  const shapes = fc.array(fc.nat(2), { maxLength: 3 });
  fc.assert(fc.property(shapes, shapes, (a, b) => t.equal(sameShape(a, b), showShape(a) === showShape(b))));
  t.equal(showShape(['B', 3]), '[B, 3]');
});
