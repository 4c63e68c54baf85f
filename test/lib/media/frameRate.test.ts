/** Films at another rate: the frames that are repeated and left out, beside ffmpeg's own choice. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import t from 'tap';
import { countFrames, readFrames, writeFrames } from '../../../lib/media/film.js';
import { evenly, shownAtRate } from '../../../lib/media/frameRate.js';
import { formatGif } from '../../../lib/media/gif.js';
import { type Picture, pictureOf } from '../../../lib/media/picture.js';

t.test('frames are repeated or left out, whatever the rate', async (t) => {
  t.strictSame(shownAtRate(evenly(4, 25), 25), [0, 1, 2, 3]);
  t.strictSame(shownAtRate(evenly(4, 50), 25), [0, 2], 'of the two that share a place, the later one stays');
  t.strictSame(shownAtRate(evenly(4, 10), 25), [0, 0, 0, 1, 1, 2, 2, 2, 3, 3]);
  t.strictSame(shownAtRate([0.08, 0.04, 0.12], 25), [0, 0, 1, 2, 2, 2], 'frames need not be even');
  t.strictSame(shownAtRate(evenly(1, 1000), 25), [0], 'a film too short for a frame gives one');
  t.strictSame(shownAtRate([], 25), []);
  for (const rate of [7, 12.5, 24000 / 1001, 30, 60, 100])
    t.equal(shownAtRate(evenly(300, rate), 25).length, Math.round((300 / rate) * 25), `${rate} a second`);
});

const grey = (value: number): Picture => pictureOf(4, 4, () => [value, value, value]);

const values = (found: E.Either<unknown, readonly Picture[]>) =>
  E.isRight(found) ? found.right.map(({ data }) => data[0]) : found;

t.test('folders have the rate that is told, GIFs their own', async (t) => {
  const folder = t.testdir();
  const frames = [0, 50, 100, 150].map(grey);
  const pictures = join(folder, 'frames');
  await writeFrames(pictures, frames)();
  const at = { framesPerSecond: 25 };
  t.strictSame(values(await readFrames(pictures, Infinity, at)()), [0, 50, 100, 150]);
  const slow = { ...at, folderRate: 12.5 };
  t.strictSame(values(await readFrames(pictures, 5, slow)()), [0, 0, 50, 50, 100]);
  t.strictSame(values(await readFrames(pictures, 3, { ...slow, start: 4 })()), [100, 100, 150]);
  t.strictSame(await countFrames(pictures, slow)(), E.right(8));
  t.strictSame(await countFrames(pictures, { ...at, folderRate: 50 })(), E.right(2));
  const gif = join(folder, 'slow.gif');
  writeFileSync(gif, formatGif(frames, 12.5));
  t.strictSame(values(await readFrames(gif, 5, at)()), [0, 0, 50, 50, 100]);
  t.strictSame(
    values(await readFrames(gif)()),
    [0, 50, 100, 150],
    'frame by frame where no rate is asked for',
  );
  t.strictSame(await countFrames(gif, at)(), E.right(8));
});

t.test('a folder gives the frames that ffmpeg takes from the film of them', async (t) => {
  if (spawnSync('ffmpeg', ['-version']).status !== 0) return t.comment('ffmpeg is not installed');
  const folder = t.testdir();
  const pictures = join(folder, 'frames');
  await writeFrames(
    pictures,
    Array.from({ length: 40 }, (_, i) => grey(4 * i)),
  )();
  for (const rate of ['10', '30', '24000/1001']) {
    const film = join(folder, `film-${rate.replace('/', '-')}.avi`);
    const frames = ['-framerate', rate, '-i', join(pictures, 'frame_%04d.png')];
    t.equal(spawnSync('ffmpeg', ['-v', 'error', ...frames, '-c:v', 'png', film]).status, 0);
    const [over, under = 1] = rate.split('/').map(Number);
    const at = { framesPerSecond: 25, folderRate: over / under };
    const [ofFolder, ofFilm] = [
      values(await readFrames(pictures, Infinity, at)()),
      values(await readFrames(film, Infinity, at)()),
    ];
    t.strictSame(ofFolder, ofFilm, `${rate} a second`);
  }
});
