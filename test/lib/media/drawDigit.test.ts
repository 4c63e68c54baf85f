import t from 'tap';
import { drawDigit } from '../../../cli/drawDigit.js';

t.test('two rows of pixels are a line, half blocks where one of them has ink', (t) => {
  const data = [1, 1, 0, 0, 1, 0, 1, 0]; // prettier-ignore
  t.equal(drawDigit({ width: 4, height: 2, data }), '█▀▄ ');
  t.end();
});

t.test('grey is shaded, from none to full', (t) => {
  const row = [0, 0.25, 0.5, 0.75, 1];
  t.equal(drawDigit({ width: 5, height: 2, data: [...row, ...row] }), ' ░▒▓█');
  t.equal(drawDigit({ width: 2, height: 2, data: [1, 0.5, 0.5, 1] }), '▓▓', 'and in between');
  t.end();
});

t.test('an odd last row stands above nothing, and numbers outside [0, 1] are cut', (t) => {
  t.equal(drawDigit({ width: 1, height: 3, data: [7, 9, 1] }), '█\n▀');
  t.equal(drawDigit({ width: 1, height: 1, data: [-3] }), ' ');
  t.end();
});

t.test('a digit is four lines of eight characters, without any control character', (t) => {
  const data = Array.from({ length: 64 }, (_, i) => ((i * 37) % 17) / 16);
  const lines = drawDigit({ width: 8, height: 8, data }).split('\n');
  t.strictSame(
    lines.map((line) => line.length),
    [8, 8, 8, 8],
  );
  t.ok(lines.every((line) => /^[ ░▒▓█▀▄]+$/.test(line)));
  t.end();
});
