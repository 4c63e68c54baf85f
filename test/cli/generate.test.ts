/** `renga generate`: several texts and lines of the standard input are continued one after the other. */
import t from 'tap';
import { perceiverAr } from '../../presets/index.js';
import { complaintOf, outputOf, renga, rengaGiven } from './run.js';

const args = (...more: string[]) => ['generate', ...more, '--config', 'small.json', '--seed', '1'];

t.test('texts, and lines of the standard input; one that is too long is named, the rest goes on', (t) => {
  const folder = t.testdir({ 'small.json': JSON.stringify({ ...perceiverAr.small, zeroLogits: false }) });
  const { stdout, stderr, status } = rengaGiven(
    'far too long a text\ncd\n',
    folder,
    ...args('ab', '-', '--length', '2', '--temperature', '0', '--json'),
  );
  const told = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { text: string; bytes: number[] });
  t.same(
    told.map(({ text, bytes }) => [text.slice(0, 2), bytes.length]),
    [
      ['ab', 2],
      ['cd', 2],
    ],
  );
  t.match(stderr, /^renga: 'far too long a text': the text: found 19 bytes, expected at most 11/m);
  t.equal(status, 1);
  const written = outputOf(renga(folder, ...args('ab', 'cd', '--length', '2', '--temperature', '0')));
  t.match(written, /^ab[^]*\ncd[^]*\n$/);
  t.match(complaintOf(renga(folder, ...args('far too long a text'))), /^the text: found 19 bytes/);
  t.end();
});
