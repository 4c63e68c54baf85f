/** Files that the page fetches: models that answer as those of the package do, and held-out examples. */
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { int32 } from '../../../lib/data/array.js';
import { parseCheckpoint, parseNpz } from '../../../lib/checkpoint/index.js';
import { engine } from '../../../lib/engine/index.js';
import { adopt } from '../../../lib/language/adopt.js';
import { heldOutWords } from '../../../presets/words/verify.js';
import { words } from '../../../presets/words/preset.js';
import { engineRunner } from '../../../lib/run/index.js';
import { buildTry } from '../../../site/try/build.js';
import { bracketed, lettersOf, numBytes } from '../../../site/try/maskedText.js';
import type { Examples } from '../../../site/try/files.js';

const folder = mkdtempSync(join(tmpdir(), 'renga-try-'));

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

t.before(() => buildTry(folder, ({ main }) => `<html lang="en">${main}</html>`));

t.test('the shell that is given is around the page', async (t) => {
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  t.match(page, /^<html lang="en"><div class="try">/);
  t.notMatch(page, / style=| on\w+=|<script/, 'nothing in it that a strict policy forbids');
});

t.test('its language model, rounded to 16 bits, fills held-out blanks as the whole one does', async (t) => {
  await engine();
  const model = words();
  const { inputs, mask, weights } = Object.fromEntries(right(parseNpz(readFileSync(heldOutWords))));
  const wide = (array: typeof inputs) => int32(array.shape, Array.from(array.data, Number));
  const answers = async (file: string): Promise<readonly number[]> => {
    const fitted = right(adopt(model)(right(parseCheckpoint(readFileSync(file)))));
    await using runner = engineRunner(fitted);
    const { data } = await runner.run(model.network, [wide(inputs), wide(mask)]);
    const { vocabSize } = model.config;
    return Array.from(weights.data, Number).flatMap((isBlank, i) => {
      if (!isBlank) return [];
      const logits = Array.from(data.slice(i * vocabSize, (i + 1) * vocabSize) as Float32Array);
      return [logits.indexOf(Math.max(...logits))];
    });
  };
  const whole = await answers(fileURLToPath(model.card.checkpoint?.url as URL));
  const rounded = await answers(join(folder, 'words.safetensors'));
  const same = whole.filter((id, i) => id === rounded[i]).length;
  t.ok(whole.length > 200, `${whole.length} blanks`);
  t.ok(same >= 0.98 * whole.length, `${same} of ${whole.length} the same`);
});

t.test('its examples are a picture of each digit, and texts that the model takes', async (t) => {
  const { digits, texts } = JSON.parse(readFileSync(join(folder, 'examples.json'), 'utf8')) as Examples;
  t.same(
    digits.map(({ label }) => label),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
  for (const { sixteenths } of digits)
    t.ok(
      sixteenths.length === 64 &&
        sixteenths.every((value) => Number.isInteger(value) && value >= 0 && value <= 16),
    );
  t.same(
    texts.map((text) => lettersOf(bracketed(text))),
    [
      'a small plant with yellow flowers',
      'dermal: of or relating to or located in the dermis',
      'high-hat cymbal: cymbals that are operated by a foot pedal',
      'visibility: quality or fact or degree of being',
    ],
  );
  for (const text of texts) {
    t.ok(bracketed(text).some(({ isBlank }) => isBlank));
    t.ok(numBytes(bracketed(text)) <= words().config.maxLength);
  }
});
