/** First weights of patches: eigenvectors of small matrices, and projections of one variance that do not go together. */
import t from 'tap';
import { toFloat32 } from '../../../../lib/data/array.js';
import { engine } from '../../../../lib/engine/index.js';
import { key } from '../../../../lib/random/index.js';
import { flow } from '../../../../presets/flow/preset.js';
import { madePairs } from '../../../../presets/flow/recipe/pairs.js';
import { eigen, whitened } from '../../../../presets/flow/recipe/whitening.js';

const rows = (...all: number[][]) => all.map((row) => Float64Array.from(row));

t.test('a symmetric matrix is taken apart', async (t) => {
  const matrix = rows([2, -1, 0.5], [-1, 3, 0.25], [0.5, 0.25, 1]);
  const found = eigen(matrix);
  t.ok(found[0].value > found[1].value && found[1].value > found[2].value);
  for (const { value, vector } of found) {
    matrix.forEach((row, i) => {
      const product = row.reduce((sum, entry, j) => sum + entry * vector[j], 0);
      t.ok(Math.abs(product - value * vector[i]) < 1e-12);
    });
    t.ok(Math.abs(Math.hypot(...vector) - 1) < 1e-12);
  }
});

t.test('projected patches of pairs have one variance, 8², and no covariance', async (t) => {
  await engine({ threads: 1 });
  const pairs = madePairs({ height: 8, width: 12, length: 6, key: key(5) });
  const all = await Promise.all(Array.from({ length: 6 }, (_, i) => pairs.at(i, key(0))));
  const weights = flow(flow.small).init(key(0));
  const { w, b } = whitened(weights, all).params['image_preprocessor/patches_linear'];
  const [matrix, bias] = [toFloat32(w), toFloat32(b)];
  const numbers = all.flatMap(({ first, second }) => {
    const places = Array.from({ length: 60 }, (_, i) => [1 + (i % 10), 1 + Math.floor(i / 10)]);
    return places.map(([x, y]) => {
      const patch = [first, second].flatMap(({ data }) =>
        Array.from({ length: 27 }, (_, i) => {
          const [dy, dx, c] = [Math.floor(i / 9) - 1, (Math.floor(i / 3) % 3) - 1, i % 3];
          return Number(data[3 * ((y + dy) * 12 + x + dx) + c]);
        }),
      );
      return Array.from(bias, (own, k) =>
        patch.reduce((sum, value, i) => sum + value * matrix[8 * i + k], own),
      );
    });
  });
  for (let i = 0; i < 8; i++)
    for (let j = 0; j <= i; j++) {
      const together = numbers.reduce((sum, row) => sum + row[i] * row[j], 0) / numbers.length;
      t.ok(Math.abs(together - (i === j ? 64 : 0)) < 5, `${i} and ${j}: ${together}`);
    }
  const wide = flow({ ...flow.small, featureChannels: 20 }).init(key(0));
  t.throws(() => whitened(wide, all), {
    message:
      'whitened: found image_preprocessor/patches_linear/w of [54, 20], expected [6 · patch size², at most 18]',
  });
});
