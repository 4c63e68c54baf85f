/** Programs of compiled layers and steps: how many are held, and when they are released. */
import t from 'tap';
import * as ort from 'onnxruntime-node';
import type { RuntimeTensor } from '../../../lib/run/onnxruntime.js';
import { mostPrograms, programs } from '../../../lib/run/programs.js';
import { OutputMemory } from '../../../lib/run/runtimeState.js';

/** Programs that say when they are made and released. */
const counted = () => {
  const log: string[] = [];
  const held = programs<{
    readonly session: never;
    readonly lent?: ReadonlySet<unknown>;
    readonly name: string;
  }>(ort, 'disposed');
  const make =
    (name: string, lent: ReadonlySet<unknown> = new Set()) =>
    async () => {
      log.push(`made ${name}`);
      const session = { run: async () => ({}), release: async () => void log.push(`released ${name}`) };
      return { name, lent, session: session as never };
    };
  const use = (name: string, lent?: ReadonlySet<unknown>): Promise<string> =>
    held.use(name, make(name, lent), async (program) => program.name);
  return { dispose: held.dispose, work: held.use, make, use, log };
};

const names = Array.from({ length: mostPrograms }, (_, i) => String(i));

t.test('the last few are held; the one unused for the longest time is released', async (t) => {
  const { use, log, dispose } = counted();
  for (const name of names) t.equal(await use(name), name);
  await use('0');
  log.length = 0;
  await use('new');
  t.same(log, ['made new', 'released 1']);
  await use('0');
  await use('1');
  t.same(log, ['made new', 'released 1', 'made 1', 'released 2'], 'one that was released is made again');
  log.length = 0;
  await dispose();
  t.same(
    log.toSorted(),
    [...names.filter((name) => name !== '2'), 'new'].map((name) => `released ${name}`).toSorted(),
  );
});

t.test('one in use, or whose outputs are in use and end with it, is not released', async (t) => {
  const { use, work, log, make, dispose } = counted();
  const lent = new Set(['an array of a state']);
  await use('lending', lent);
  let end = (): void => undefined;
  const isUsed = new Promise<void>((resolve) => {
    end = resolve;
  });
  const long = work('long', make('long'), () => isUsed);
  for (const name of names) await use(name);
  const released = () => log.filter((line) => line.startsWith('released'));
  t.same(released(), ['released 0', 'released 1']);
  end();
  await long;
  await use('new');
  t.same(released(), ['released 0', 'released 1', 'released long']);
  lent.clear();
  await use('newer');
  t.same(released().slice(3), ['released lending']);
  await dispose();
});

t.test('one that could not be made is made at the next call', async (t) => {
  const held = programs<{ readonly session: never }>(ort, 'disposed');
  const failing = async (): Promise<never> => {
    throw new Error('no such provider');
  };
  await t.rejects(
    held.use('a', failing, async () => 1),
    /no such provider/,
  );
  t.equal(
    await held.use(
      'a',
      async () => ({ session: { release: async () => undefined } as never }),
      async () => 2,
    ),
    2,
  );
});

t.test("arrays in a graphics processor's memory are lent until they are given back", async (t) => {
  const memory = new OutputMemory();
  const lent = new Set<RuntimeTensor>();
  let freed = 0;
  const tensor = { location: 'gpu-buffer', dispose: () => void freed++ } as unknown as RuntimeTensor;
  memory.lend(tensor, lent);
  memory.lend({ location: 'cpu' } as unknown as RuntimeTensor, lent);
  t.same([...lent], [tensor]);
  memory.give(tensor);
  t.same([lent.size, freed], [0, 1]);
});
