import t from 'tap';
import * as E from 'fp-ts/lib/Either.js';
import { imagenetClasses, imagenetInput } from '../../../presets/imagenet/run.js';
import { centreArea, centreCrop, normalizeImagenet } from '../../../presets/imagenet/run/crop.js';
import { pictureOf } from '../../../lib/media/picture.js';
import { colabs, difference, floatsOf, rgbOf } from '../colabs.js';

t.test("the middle of a picture is the colab's, whatever its shape", (t) => {
  for (const { width, height, area } of colabs.imagenet.areas) {
    const found = centreArea({ width, height });
    t.strictSame([found.left, found.top, found.width, found.height], area, `${width} × ${height}`);
  }
  t.end();
});

t.test('pixels are normalised as in the colab, to the last bit', (t) => {
  const picture = pictureOf(1, 256, (_, y) => [y, y, y]);
  t.equal(difference(normalizeImagenet(picture), floatsOf(colabs.imagenet.normalized)), 0);
  t.end();
});

t.test('what lies outside the middle is cut off, and the rest has the size asked for', (t) => {
  const target = pictureOf(32, 64, (x, y) =>
    x >= 2 && x < 30 && y >= 18 && y < 46 ? [9, 9, 9] : [200, 0, 0],
  );
  const cropped = centreCrop(target, { width: 20, height: 40 });
  if (E.isLeft(cropped)) return t.fail('refused');
  t.strictSame([cropped.right.width, cropped.right.height], [20, 40]);
  t.ok(rgbOf(cropped.right).every((value) => value === 9));
  const input = imagenetInput(target, { width: 20, height: 40 });
  if (E.isLeft(input)) return t.fail('refused');
  t.equal(input.right.length, 20 * 40 * 3);
  t.equal(input.right[0], Math.fround((9 - 0.485 * 255) / (0.229 * 255)));
  t.end();
});

t.test('a picture too small to have a middle, or with too few bytes, is refused', (t) => {
  const size = { width: 4, height: 4 };
  t.match(
    centreCrop(
      pictureOf(1, 9, () => [0, 0, 0]),
      size,
    ),
    {
      left: { kind: 'input', where: 'image', found: '1 × 9 pixels', expected: 'at least 2 × 2 pixels' },
    },
  );
  t.match(imagenetInput({ width: 4, height: 4, data: new Uint8Array(3) }, size), {
    left: { where: 'image' },
  });
  t.end();
});

t.test("classes have ImageNet's names only where there are a thousand", async (t) => {
  const logits = new Float32Array(1000);
  logits[251] = 12;
  const [best] = await imagenetClasses(logits, 1);
  t.match(best, { index: 251, label: /dalmatian/ });
  t.ok(best.probability > 0.99);
  t.strictSame(
    (await imagenetClasses([0, 3], 2)).map(({ label }) => label),
    ['class 1', 'class 0'],
  );
});
