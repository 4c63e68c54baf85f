/** `renga demo`, which `npm start` runs: trained checkpoints on held-out digits and texts. */
import t from 'tap';
import { outputOf, renga } from './run.js';

t.test('the demonstration shows its figures, its misses, a tree, and what to try next', async (t) => {
  const text = outputOf(renga('.', 'demo'));
  t.match(text, '352 of 360 held-out handwritten digits right (97.8 %)');
  t.match(text, '1 (is 8)', 'the wrong one among the first six is shown');
  t.match(text, 'From the pictures of held-out digits: 97.2 % with the right label and telephone tone.');
  t.match(text, 'From their tones: 100.0 % become a picture that the model above reads right');
  t.match(text, 'Missing bytes of 32 held-out texts: 39.9 % right');
  t.match(text, '  _tl_ntic spiny dogfish: __str_ctive dogfish');
  t.match(text, '⏎', 'a line feed within a text is a mark');
  t.match(text, /^ {2}perceiver_encoder\/~\/cross_attention\/attention\/linear +w \[48, 27\], b \[27\]$/m);
  t.match(text, /^Optical flow of 256 held-out pairs .* by \d\.\d\d pixels on average,\nblock matching by /m);
  t.match(text, 'Try next:\n  npx renga fill-mask');
});
