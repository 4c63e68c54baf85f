import t from 'tap';
import * as fc from '../../../property.js';
import { elide, textWidth, wrap } from '../../../../lib/docs/svg/textWidth.js';

t.test('monospace is as many times one character as there are', async (t) => {
  const ratio = textWidth('cross_attention', 'mono', 13) / textWidth('x', 'mono', 13);
  t.ok(Math.abs(ratio - 15) < 1e-9);
  t.ok(textWidth('x', 'mono', 1000) >= 602);
});

t.test('no text is wider in DejaVu Sans than it is said to be', async (t) => {
  // Measured in a browser at 1,000 pixels.
  const measured = { M: 863, W: 989, w: 818, i: 278, '×': 838, '%': 950, ',': 318, m: 974, '8': 636, S: 635 };
  for (const [character, width] of Object.entries(measured)) {
    const said = textWidth(character, 'sans', 1000);
    t.ok(said >= width, character);
    t.ok(said <= 1.2 * width, character);
  }
});

t.test('what is elided fits and is the end', async () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), fc.integer({ min: 40, max: 300 }), (text, most) => {
      const short = elide(text, most, 'mono', 13);
      return textWidth(short, 'mono', 13) <= most && (short === text || text.endsWith(short.slice(1)));
    }),
  );
});

t.test('wrapped lines fit, and hold all words', async () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(words, (words) => {
      const lines = wrap(words.join(' '), 120, 'sans', 11);
      return lines.join(' ') === words.join(' ') && lines.every((line) => textWidth(line, 'sans', 11) <= 120);
    }),
  );
});

t.test('lines are much the same width', async (t) => {
  t.same(wrap('6 layers, run 8 times with the same weights', 222, 'sans', 11), [
    '6 layers, run 8 times',
    'with the same weights',
  ]);
});
