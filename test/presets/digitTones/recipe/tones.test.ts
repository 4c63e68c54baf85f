/** Telephone tones: two frequencies for each digit, and back. */
import t from 'tap';
import { columnTones, keyIn, keyOf, rowTones, toneOf } from '../../../../presets/digitTones/recipe/tones.js';

t.test("each digit's tone is read back from its sound, also beside noise", async (t) => {
  t.same(keyOf(5), [1, 1]);
  t.same([rowTones[3], columnTones[1]], [941, 1336], 'the keys of 0');
  for (let digit = 0; digit < 10; digit++) {
    const tone = toneOf(digit, 256);
    t.ok(tone.every((sample) => Math.abs(sample) <= 1));
    t.same(keyIn(tone), keyOf(digit), `${digit}`);
    t.same(keyIn(tone.map((sample, i) => 0.3 * sample + 0.4 * Math.sin(i * i))), keyOf(digit));
  }
});
