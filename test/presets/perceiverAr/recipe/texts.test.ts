/** Perceiver AR on a text: its pieces, its blocks, and a training whose figure is that of the blocks. */
import t from 'tap';
import { engine, key } from '../../../../lib/index.js';
import { train } from '../../../../lib/train/index.js';
import { perceiverAr } from '../../../../presets/perceiverAr/preset.js';
import { perceiverArRecipe } from '../../../../presets/perceiverAr/recipe.js';
import { textBlocks, textCrops, textTraining } from '../../../../presets/perceiverAr/recipe/texts.js';

const model = perceiverAr({ ...perceiverAr.small, position: 'rotary', dropoutRate: 0 });
const { config } = model; // 12 places, 4 latents
const text = 'the cat sat on the mat and looked at me. ';
const bytes = new TextEncoder().encode(text);

t.before(() => engine());

/** The bytes of a sequence as text, the start as ^ and padding as nothing. */
const read = (events: ArrayLike<number | bigint>): string =>
  Array.from(events, Number)
    .map((event) => (event === 0 ? '' : event === 2 ? '^' : String.fromCharCode(event - 3)))
    .join('');

t.test('a piece is a start and bytes of the text, cropped behind a random place', (t) => {
  const crops = textCrops(config, bytes);
  t.equal(crops.length, 3);
  const lengths = new Set<number>();
  for (let n = 0; n < 60; n++) {
    const { events, positions } = crops.at(n % 3, key(n)) as Awaited<ReturnType<typeof crops.at>>;
    const piece = read(events.data);
    lengths.add(piece.length);
    if (piece[0] !== '^' || !text.includes(piece.slice(1))) t.fail(`'${piece}' is of the text`);
    t.same(
      [...positions.data].slice(0, piece.length),
      Array.from(piece, (_, i) => i + 1),
    );
  }
  t.same(
    [...lengths].sort((a, b) => a - b),
    [5, 6, 7, 8, 9, 10, 11, 12, 13],
    'from a latent more than there are',
  );
  t.end();
});

t.test('blocks judge every byte once, with the bytes before it that fit', (t) => {
  const blocks = textBlocks(config, bytes);
  const judged = Array.from({ length: blocks.length }, (_, i) => {
    const { events, isJudged } = blocks.at(i);
    const count = isJudged.data.reduce((sum, each) => sum + each, 0);
    t.same(
      [...isJudged.data],
      [1, 2, 3, 4].map((place) => Number(place > 4 - count)),
    );
    return read(events.data).slice(-count);
  });
  t.equal(judged.join(''), text);
  t.equal(read(blocks.at(0).events.data), '^the ');
  t.equal(read(blocks.at(3).events.data), '^cat sat on t', 'twelve bytes, the last four of them judged');
  t.end();
});

t.test('one seed is one run, whose bits per byte fall from those of guessing', async (t) => {
  const recipe = { ...perceiverArRecipe, batchSize: 8, numSteps: 40, warmupSteps: 0, peakRate: 0.01 };
  const bitsOf = async (): Promise<number[]> => {
    const bits: number[] = [];
    const parts = textTraining({ model, recipe, text: text.repeat(20), heldOut: text, seed: 3 });
    for await (const event of train({ ...parts, evaluate: { ...parts.evaluate, every: 20 } })) {
      if (event.kind === 'step' && event.step === 1) bits.push(event.metrics.eventLoss / Math.LN2);
      if (event.kind === 'evaluated') bits.push(event.raw.bitsPerByte);
    }
    return bits;
  };
  const [first, half, last] = await bitsOf();
  t.ok(Math.abs(first - Math.log2(259)) < 0.1, `untrained it is log2 259: ${first}`);
  t.ok(half < 4 && last < half, `${half} and ${last} bits`);
  t.same(await bitsOf(), [first, half, last]);
});

t.test('a config that a text does not fit is refused', (t) => {
  const blocksOf = (changes: object) => () => textBlocks(perceiverAr(changes).config, bytes);
  t.throws(blocksOf({ numClasses: 300 }), /^a text takes numClasses 259 .* found numClasses 300/);
  t.throws(
    blocksOf({ latentsPerPosition: 2 }),
    /^a text takes latentsPerPosition 1.* found latentsPerPosition 2/,
  );
  t.end();
});
