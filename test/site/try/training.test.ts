/** The training of the page: its data, and the run that a store keeps. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { formatCheckpoint } from '../../../lib/checkpoint/index.js';
import { toFloat32 } from '../../../lib/data/array.js';
import { orThrow } from '../../../lib/data/orThrow.js';
import { engine } from '../../../lib/engine/index.js';
import { key } from '../../../lib/random/index.js';
import { checkpointName, memoryStore } from '../../../lib/train/checkpointStore.js';
import { freeTrainState } from '../../../lib/train/index.js';
import { digits } from '../../../presets/digits/preset.js';
import { trainingDigits } from '../../../presets/digits/recipe/training.js';
import { heldOutDigits } from '../../../presets/digits/verify.js';
import {
  keepDrawings,
  keepRun,
  keptDrawings,
  keptRun,
  removeRun,
  withLog,
} from '../../../site/try/training/keptRun.js';
import { digitsOf, trainingOf } from '../../../site/try/training/training.js';

const drawing = { label: 7, sixteenths: Array.from({ length: 64 }, (_, i) => i % 17) };

t.test("a drawing is there ten times among the library's digits, and in the recipe", async (t) => {
  await engine();
  const [training, heldOut] = [trainingDigits, heldOutDigits].map((url) => digitsOf(readFileSync(url)));
  t.same([training.length, heldOut.length], [1437, 360]);
  const settings = { numSteps: 20, drawings: Array.from({ length: 10 }, () => drawing) };
  const { data, recipe, numSteps, state } = trainingOf(settings, training, heldOut);
  freeTrainState(state);
  t.match(recipe, { numSteps: 20, batchSize: 32, drawings: settings.drawings });
  t.equal(numSteps, 20);
  t.equal(data.length, Math.floor((1437 + 100) / 32));
  let found = 0;
  for (let n = 0; n < data.length!; n++) {
    const { image, label } = await data.at(n, key(0));
    const values = toFloat32(image);
    for (let i = 0; i < 32; i++) {
      const own = [...values.subarray(64 * i, 64 * (i + 1))].every(
        (v, j) => 16 * v === drawing.sixteenths[j],
      );
      if (own) t.equal(label.data[i], 7);
      found += Number(own);
    }
  }
  t.ok(found > 90 && found <= 100, `${found} in an epoch, whose last pictures fill no batch`);
});

t.test('a run is kept with its log; a damaged checkpoint gives way to the one before it', async (t) => {
  const store = memoryStore();
  t.equal(await keptRun(store), undefined);
  t.same(await keptDrawings(store), []);
  const settings = { numSteps: 20, drawings: [] };
  await keepRun(store, { settings, isStopped: false });
  t.equal(await keptRun(store), undefined, 'settings without a checkpoint');
  const bytes = orThrow(formatCheckpoint(digits().init(key(0)), { format: 'safetensors' }));
  const lines: string[] = [];
  const logged = withLog(store, () => lines);
  for (const step of [10, 20]) {
    lines.push(`{"kind":"step","step":${step}}\n`);
    await logged.write(checkpointName(step), bytes);
  }
  t.match((await keptRun(store))?.run, { step: 20, isEnded: true, log: lines.join('') });
  await store.write(checkpointName(20), bytes.subarray(0, 1000));
  t.match((await keptRun(store))?.run, { settings, step: 10, isEnded: false, log: lines[0] });
  await keepRun(store, { settings, isStopped: true });
  t.equal((await keptRun(store))?.run.isEnded, true);
  await keepDrawings(store, [drawing]);
  await removeRun(store);
  t.equal(await keptRun(store), undefined);
  t.same(await keptDrawings(store), [drawing], 'drawings stay');
});
