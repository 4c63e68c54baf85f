/** Filling in blanks with the small trained model. */
import * as tf from '@tensorflow/tfjs-core';
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { readCheckpoint } from '../../../lib/checkpoint/index.js';
import { engine } from '../../../lib/engine/index.js';
import { adopt } from '../../../lib/language/adopt.js';
import { bytesTokenizer } from '../../../modules/bytesTokenizer.js';
import { fillIn, pad, tokenize } from '../../../presets/language/run.js';
import { words } from '../../../presets/words/preset.js';

const right = <A>(either: E.Either<unknown, A>): A => {
  if (E.isLeft(either)) throw new Error(JSON.stringify(either.left));
  return either.right;
};

const model = words();
const load = async () => {
  await engine();
  const file = fileURLToPath(model.card.checkpoint?.url as URL);
  return right(adopt(model)(right(await readCheckpoint(file)())));
};

t.test('single letters of a text are filled in', async (t) => {
  const weights = await load();
  const before = tf.memory().numTensors;
  const filled = right(await model.run(weights, { text: 'a sm_ll plant with yellow fl_wers' })());
  t.equal(filled.text, 'a small plant with yellow flowers');
  t.same(
    filled.spans.map(({ start, text }) => [start, text]),
    [
      [4, 'a'],
      [28, 'o'],
    ],
  );
  for (const { probabilities } of filled.spans) t.ok(probabilities.every((p) => p > 0 && p <= 1));
  t.equal(tf.memory().numTensors, before, 'nothing stays on the engine');
});

t.test('a text that the model cannot take is refused with what was found', async (t) => {
  const weights = await load();
  const refused = async (text: string, blank?: string) => {
    const result = await model.run(weights, { text, blank })();
    return E.isLeft(result) ? result.left : undefined;
  };
  t.match(await refused('nothing is missing'), { kind: 'input', where: 'the text', found: 'no blank' });
  t.match(await refused(`${'x'.repeat(64)}_`), { found: '65 bytes', expected: 'at most 64' });
  t.match(await refused('a_b', '__'), { where: 'the blank' });
  t.match(await refused('', '_'), { found: 'no blank' });
});

t.test('text around blanks is kept, whatever it is', async () => {
  const logits = (length: number) => {
    const values = new Float32Array(length * 262);
    for (let i = 0; i < length; i++) values[i * 262 + 6 + 'z'.charCodeAt(0)] = 1;
    return values;
  };
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (before, after) => {
      const [a, b] = [before, after].map((text) => text.replaceAll('_', ''));
      const ids = tokenize({ text: `${a}__${b}` });
      const { text, spans } = fillIn(ids, logits(ids.length), 262);
      const [span] = spans;
      const start = bytesTokenizer.encode(a).length;
      return text === `${a}zz${b}` && spans.length === 1 && span.start === start && span.text === 'zz';
    }),
  );
});

t.test('padding is masked', async (t) => {
  const [ids, mask] = pad([7, 3], 4);
  t.same([...(ids.data as Int32Array)], [7, 3, 0, 0]);
  t.same([...(mask.data as Int32Array)], [1, 1, 0, 0]);
});
