import t from 'tap';
import {
  blueGreenRed,
  fastAtan2,
  flowPicture,
  normalizeFlowImage,
} from '../../../../presets/flow/run/colours.js';
import { pictureOf } from '../../../../lib/media/picture.js';
import { bytesOf, colabs, difference, floatsOf, rgbOf } from '../../colabs.js';

t.test('pixels are brought to [-1, 1] as in the colab', (t) => {
  const values = normalizeFlowImage(pictureOf(256, 1, (x) => [x, x, x]));
  const expected = Float32Array.from({ length: 768 }, (_, i) => (Math.floor(i / 3) / 255) * 2 - 1);
  t.equal(difference(values, expected), 0);
  t.strictSame([values[0], values[767]], [-1, 1]);
  t.end();
});

t.test("a flow is drawn in the colab's colours, to the last bit", (t) => {
  const { field, fieldWidth: width, fieldHeight: height, shown } = colabs.flow;
  const picture = flowPicture(floatsOf(field), { width, height });
  t.equal(difference(rgbOf(picture), bytesOf(shown)), 0);
  t.ok(picture.data.every((value, i) => i % 4 !== 3 || value === 255));
  t.end();
});

t.test('no flow is white, a fast one to the right blue, down green, to the left yellow, up rose', (t) => {
  const flow = [0, 0, 30, 0, 0, 30, -30, 0, 0, -30];
  const colours = rgbOf(flowPicture(flow, { width: 5, height: 1 }));
  const expected = [255, 255, 255, 0, 0, 255, 0, 255, 127, 255, 255, 0, 255, 0, 127];
  t.ok(difference(colours, expected) <= 1);
  t.end();
});

t.test('what is not a number is drawn as no flow', (t) => {
  t.strictSame(
    rgbOf(flowPicture([NaN, 3, NaN, NaN], { width: 2, height: 1 })),
    [255, 255, 255, 255, 255, 255],
  );
  t.end();
});

t.test('angles go once around and are close to the exact ones', (t) => {
  for (let degrees = 0; degrees < 360; degrees += 0.25) {
    const angle = (degrees * Math.PI) / 180;
    const found = fastAtan2(Math.fround(Math.sin(angle)), Math.fround(Math.cos(angle)));
    const away = Math.abs(found - degrees);
    if (Math.min(away, 360 - away) > 0.01) t.fail(`${degrees} is found as ${found}`);
  }
  t.strictSame(
    [fastAtan2(0, 0), fastAtan2(0, 1), fastAtan2(1, 0), fastAtan2(0, -1), fastAtan2(-1, 0)],
    [0, 0, 90, 180, 270],
  );
  t.end();
});

t.test(
  'colours go round from red over yellow, green, cyan, blue and magenta to red, one off at most',
  (t) => {
    const pure = [0, 30, 60, 90, 120, 150, 180].flatMap((hue) => blueGreenRed(hue, 255));
    const expected = [
      [0, 0, 255],
      [0, 255, 255],
      [0, 255, 0],
      [255, 255, 0],
      [255, 0, 0],
      [255, 0, 255],
      [0, 0, 255],
    ].flat();
    t.ok(difference(pure, expected) <= 1);
    t.strictSame(blueGreenRed(77, 0), [255, 255, 255]);
    t.end();
  },
);
