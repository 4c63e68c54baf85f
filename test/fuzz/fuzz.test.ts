/** A few thousand mutants of every format, always the same; and that what must not be would be seen. `npm run fuzz` runs many more. */
import t from 'tap';
import './allocation.js';
import { takeCount } from './allocation.js';
import { corpora, type FuzzFormat } from './corpus.js';
import { judge } from './judge.js';
import { cutCount, mutantOf } from './mutant.js';
import { run } from './supervise.js';
import { tableOf } from './table.js';
import { count, emptyTally, merged } from './tally.js';

const formats = Object.keys(corpora) as FuzzFormat[];
const mutants = 500;

for (const format of formats) {
  t.test(`${format}: ${mutants} mutants are read or refused, within the limits`, async (t) => {
    const tally = await run({ format, from: 0, to: mutants });
    t.equal(tally.count, mutants);
    t.strictSame(tally.failures, []);
    t.notOk(tally.outcomes.crash);
    t.ok(Object.keys(tally.outcomes).length > 1, 'they come to several things');
  });
}

t.test('the good files are read, or they would not be worth damaging', async (t) => {
  for (const format of formats) {
    const outcomes = corpora[format].seeds.map((seed) => judge(format, seed).outcome);
    t.notOk(outcomes.includes('crash'), format);
    t.ok(outcomes.filter((outcome) => outcome === 'read').length * 3 > outcomes.length, format);
  }
});

t.test('a mutant of a number is always the same, and no other', async (t) => {
  for (const format of formats) {
    const [one, again, other] = [101, 101, 103].map((number) => Buffer.from(mutantOf(format, number)));
    t.ok(one.equals(again), format);
    t.notOk(one.equals(other), format);
  }
});

t.test('the small files are cut at every byte', async (t) => {
  const lengths = new Map<string, number>();
  for (let i = 0; i < cutCount('npy'); i++) {
    const cut = Buffer.from(mutantOf('npy', 2 * i)).toString('latin1');
    lengths.set(cut, cut.length);
  }
  const seeds = corpora.npy.seeds.map((seed) => Buffer.from(seed).toString('latin1'));
  const cuts = seeds.flatMap((seed) => Array.from(seed, (_, length) => seed.slice(0, length)));
  t.ok(cuts.every((cut) => lengths.has(cut)));
});

t.test('a reader that runs out of memory, throws or hangs is seen, and the others go on', async (t) => {
  const worker = new URL('./failing.js', import.meta.url);
  const first = await run({ format: 'npy', from: 0, to: 7, worker });
  t.strictSame([first.count, first.outcomes], [7, { read: 5, crash: 2 }]);
  t.match(first.failures, [
    { number: 3, problem: /memory limit/ },
    { number: 5, problem: /TypeError: a mistake/ },
  ]);
  // Nothing but a thread that hangs has this little patience: on a busy machine others may take as long.
  const second = await run({ format: 'npy', from: 7, to: 8, worker, patience: 300 });
  t.strictSame(second.outcomes, { crash: 1 });
  t.match(second.failures, [{ number: 7, problem: /did not end in 300 ms/ }]);
});

t.test('buffers are counted, views of them are not', async (t) => {
  takeCount();
  const buffer = new ArrayBuffer(16);
  t.equal(new Float32Array(buffer).length, 4);
  t.ok(new Uint8Array(1000) instanceof Uint8Array);
  t.strictSame([...Uint8Array.from([1, 2, 3])], [1, 2, 3]);
  t.equal(takeCount(), 16 + 1000 + 3);
});

t.test('what takes too long or too much is a crash', async (t) => {
  const tally = emptyTally();
  const verdict = { outcome: 'read', told: '', milliseconds: 1, allocated: 0 } as const;
  count(tally, 1, 1000, verdict);
  count(tally, 2, 1000, { ...verdict, milliseconds: 1001 });
  count(tally, 3, 1000, { ...verdict, allocated: 3000 + (8 << 20) + 1 });
  t.strictSame(tally.outcomes, { read: 1, crash: 2 });
  t.strictSame(
    tally.failures.map(({ number }) => number),
    [2, 3],
  );
  t.equal(merged(tally, tally).count, 6);
  t.match(tableOf([['npy', tally]]), /\n\| npy \| 3 \| 1 \| +\| 2 \| 1001 ms \| 8,195 KiB \|$/);
});
