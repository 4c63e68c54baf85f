/** An engine's process that ends is told of, whenever it did. */
import { join } from 'node:path';
import t from 'tap';
import { contestant } from '../../bench/contestant.js';

const program = `process.on('message', () => { console.error('no memory is left'); process.exit(3); });`;

t.test('a process that ends instead of an answer, and before a question', async (t) => {
  const folder = t.testdir({ 'engine.mjs': program });
  const engine = contestant({ name: 'short-lived', program: join(folder, 'engine.mjs'), threads: [1] }, 1);
  const ask = () => engine.ask({ kind: 'measure' }, 'measured');
  await t.rejects(ask(), { message: 'its process ended with 3: no memory is left' });
  await t.rejects(ask(), { message: 'its process ended with 3: no memory is left' });
  engine.end();
});
