/** Texts as bytes in HTML: every byte has a place, and what has no sign of its own has a mark. */
import * as fc from '../../property.js';
import t from 'tap';
import { bytesLine, bytesStyle, colourClass } from '../../../cli/attend/bytesLine.js';

const cells = (bytes: Iterable<number>) => Array.from(bytes, (byte) => ({ byte }));
const lineOf = (text: string): string => bytesLine(cells(new TextEncoder().encode(text)));
const signsIn = (html: string): string[] =>
  [...html.matchAll(/<span class="byte[^>]*>([^<]*)</g)].map(([, sign]) => sign);

t.test(
  'letters are themselves, spaces and line ends marks, characters stand at their first byte',
  async (t) => {
    t.same(signsIn(lineOf('a b\nc')), ['a', '␣', 'b', '⏎', 'c']);
    t.same(signsIn(lineOf('é€😀')), ['é', '', '€', '', '', '😀', '', '', '']);
    t.same(signsIn(lineOf('<&"\'>')), ['&lt;', '&amp;', '&quot;', '&#39;', '&gt;']);
  },
);

t.test('bytes that are no characters, or none that can be seen, are numbers', async (t) => {
  t.same(signsIn(bytesLine(cells([0xff, 0x41, 0xc3, 0x00, 0x1b]))), ['ff', 'A', 'c3', '00', '1b']);
  t.same(signsIn(lineOf('\u200b')), ['e2', '80', '8b']);
  t.same(signsIn(bytesLine(cells([0xe2, 0x82]))), ['e2', '82'], 'a character broken off');
});

t.test('any bytes have as many places, and nothing of them is markup', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const html = bytesLine(cells(bytes));
      const rest = html.replace(/<span class="(word|byte[a-z ]*)">|<\/span>|<br>/g, '');
      return signsIn(html).length === bytes.length && !/[<>"]/.test(rest);
    }),
  );
});

t.test('amounts are ten colours, what is beyond is at the ends; titles are escaped', async (t) => {
  t.same(
    [-1, 0, 0.05, 0.1, 0.99, 1, 2].map((amount) => colourClass(amount)),
    ['heat-0', 'heat-0', 'heat-0', 'heat-1', 'heat-9', 'heat-9', 'heat-9'],
  );
  const html = bytesLine([{ byte: 65, amount: 1, scale: 'sure', title: '"<', classes: ['blank'] }]);
  t.equal(html, '<span class="word"><span class="byte sure-9 blank" title="&quot;&lt;">A</span></span>');
});

/** Contrast of two colours. Source: WCAG 2.2, relative luminance. */
const contrast = (a: readonly number[], b: readonly number[]): number => {
  const luminance = (colour: readonly number[]) => {
    const [red, green, blue] = colour.map((c) => (c <= 10 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};

t.test('text over every colour is legible on light and on dark paper', async (t) => {
  const colours = [...bytesStyle.matchAll(/rgb\((\d+) (\d+) (\d+) \/ ([\d.]+)\)/g)].map((found) =>
    found.slice(1).map(Number),
  );
  t.equal(colours.length, 20);
  for (const [paper, ink] of [
    [
      [255, 255, 255],
      [32, 32, 32],
    ],
    [
      [24, 24, 24],
      [230, 230, 230],
    ],
  ])
    for (const [red, green, blue, opacity] of colours) {
      const mixed = [red, green, blue].map((value, c) => opacity * value + (1 - opacity) * paper[c]);
      t.ok(contrast(mixed, ink) >= 4.5, `${mixed}`);
    }
});
