import t from 'tap';
import * as fc from '../../../property.js';
import { diagram, diagramStyle } from '../../../../lib/docs/svg/index.js';
import { drawnTexts, faults, isWithin, overlaps, viewBox } from './drawnTexts.js';
import { anyView, arrow, block, group, view } from './views.js';

const tower = view(
  [
    block('x', { kind: 'input' }),
    block('tower', {
      attention: 'self',
      count: 6,
      repeats: 8,
      parameters: 37_800_000,
      flops: 59e9,
      group: 'g',
    }),
    block('mlp', { parameters: 1, flops: 41e9 }),
    block('y', { kind: 'output' }),
  ],
  [
    arrow('x', 'tower', { shape: [50176, 261], as: 'keys and values' }),
    arrow('tower', 'mlp'),
    arrow('mlp', 'y', { shape: [] }),
    arrow('tower', 'y', { kind: 'weights' }),
  ],
  [group('g')],
);

const textsOf = (svg: string) => drawnTexts(svg).map(({ text }) => text);

t.test('shapes, roles, costs and repeats are written', async (t) => {
  const texts = textsOf(diagram(tower));
  for (const text of ['50,176 × 261', 'keys and values', '2,048 × 768', 'one number', 'the same weights'])
    t.ok(texts.includes(text), text);
  t.ok(texts.includes('37.8 M parameters, 59.0 % of FLOPs'));
  t.ok(texts.includes('1 parameter, 41.0 % of FLOPs'));
  t.match(texts.join(' '), '6 layers, run 8 times with the same weights');
});

t.test('layers with weights of their own, and runs of one layer', async (t) => {
  const apart = view([block('a', { count: 26 }), block('b', { repeats: 3 })], []);
  const words = textsOf(diagram(apart)).join(' ');
  t.match(words, '26 layers, each with its own weights');
  t.match(words, 'run 3 times with the same weights');
});

t.test('shares are of the whole model where its cost is given', async (t) => {
  t.match(diagram(tower, { flops: 118e9 }), '50.0 % of FLOPs');
});

t.test('it says in words what it shows', async (t) => {
  const svg = diagram(tower, { title: 'Tower', prefix: 'p1' });
  t.match(svg, 'role="img"');
  t.match(svg, 'aria-labelledby="p1-title p1-description"');
  t.match(svg, '<title id="p1-title">Tower</title>');
  t.match(svg, 'x to tower: 50,176 × 261 as keys and values.');
  t.match(svg, 'y has the weights of tower');
});

t.test('its style comes along when it stands alone, and only then', async (t) => {
  t.notMatch(diagram(tower), '<style>');
  t.match(diagram(tower, { standalone: true }), diagramStyle);
  t.match(diagramStyle, 'prefers-color-scheme: dark');
});

t.test('names are text and never markup', async (t) => {
  const name = '<script>&"\u0000\ud800';
  const svg = diagram(view([block(name, { label: name, path: name })], []), { title: name });
  t.same(faults(svg), []);
  t.match(svg, '&lt;script&gt;&amp;&quot;\ufffd\ufffd');
});

t.test('any view is well-formed, its texts apart and inside', async () => {
  fc.assert(
    fc.property(anyView(6), (of) => {
      const svg = diagram(of, { standalone: true });
      const texts = drawnTexts(svg);
      const outside = texts.filter((text) => !isWithin(text, viewBox(svg)));
      const found = [...faults(svg), ...overlaps(texts).map(([a, b]) => `${a.text} on ${b.text}`)];
      if (found.length + outside.length > 0) throw new Error(JSON.stringify({ found, outside }));
    }),
    { numRuns: 40 },
  );
});

const contrast = (a: string, b: string): number => {
  const luminance = (hex: string) => {
    const [red, green, blue] = [1, 3, 5]
      .map((i) => parseInt(hex.slice(i, i + 2), 16) / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};

t.test('texts stand out from what is behind them, in light and in dark', async (t) => {
  const themes = [...diagramStyle.matchAll(/\.drawing\{(--[^}]*)\}/g)].map(
    ([, rule]) => new Map(rule.split(';').map((pair) => pair.split(':') as [string, string])),
  );
  t.equal(themes.length, 3);
  const behind = {
    text: ['ground', 'other', 'cross', 'self', 'end'],
    quiet: ['ground', 'frame-fill', 'other', 'cross', 'self'],
  };
  const alone = { weights: ['ground', 'frame-fill'], 'self-line': ['ground'], 'cross-line': ['ground'] };
  for (const theme of themes)
    for (const [text, grounds] of Object.entries({ ...behind, ...alone }))
      for (const ground of grounds) {
        const ratio = contrast(theme.get(`--drawing-${text}`)!, theme.get(`--drawing-${ground}`)!);
        t.ok(ratio >= 4.5, `${text} on ${ground}: ${ratio.toFixed(2)}`);
      }
});
