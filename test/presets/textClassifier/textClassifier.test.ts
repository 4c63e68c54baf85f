/** The classifier of texts: classes of a text, of its bytes, and texts that it cannot take. */
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { engine, key } from '../../../lib/index.js';
import { textClassifier } from '../../../presets/index.js';

await engine();

const classesOf = async (answers: 'text' | 'tokens', text: string) => {
  const model = textClassifier({ ...textClassifier.small, numClasses: 3, answers });
  return model.run(model.init(key(1)), { text })();
};

t.test('a text has one list of classes; its tokens have one each, and padding none', async (t) => {
  for (const [answers, count] of [
    ['text', 1],
    ['tokens', 3],
  ] as const) {
    const found = await classesOf(answers, 'añ');
    if (E.isLeft(found)) throw new Error(JSON.stringify(found.left));
    t.equal(found.right.length, count, answers);
    for (const guesses of found.right) {
      t.same(guesses.map(({ index }) => index).sort(), [0, 1, 2]);
      t.ok(Math.abs(guesses.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-6);
      t.ok(guesses[0].probability >= guesses[1].probability);
    }
  }
});

t.test('padding changes nothing', async (t) => {
  const small = { ...textClassifier.small, numClasses: 3 };
  const long = textClassifier(small);
  const { params } = long.init(key(1));
  const short = textClassifier({ ...small, maxLength: 8 });
  const positions = params.trainable_position_encoding.pos_embs;
  const cut = {
    ...params,
    trainable_position_encoding: {
      pos_embs: { ...positions, shape: [8, 16], data: (positions.data as Float32Array).slice(0, 8 * 16) },
    },
  };
  const [a, b] = [
    await long.run({ params }, { text: 'a text' })(),
    await short.run({ params: cut }, { text: 'a text' })(),
  ];
  if (E.isLeft(a) || E.isLeft(b)) throw new Error('not run');
  a.right[0].forEach(({ index, probability }, i) => {
    t.equal(b.right[0][i].index, index);
    t.ok(Math.abs(b.right[0][i].probability - probability) < 1e-6);
  });
});

t.test('a text without bytes, or with too many, is refused', async (t) => {
  t.match(await classesOf('text', ''), { left: { found: 'no bytes' } });
  t.match(await classesOf('text', 'a'.repeat(33)), { left: { found: '33 bytes', expected: 'at most 32' } });
});
