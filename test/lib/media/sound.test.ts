import t from 'tap';
import * as fc from '../../property.js';
import * as E from 'fp-ts/lib/Either.js';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSound, readSound, writeSound } from '../../../lib/media/readSound.js';
import { formatWav, parseWav } from '../../../lib/media/wav.js';
import { bytesOf, difference, floatsOf } from '../../presets/colabs.js';
import { fileOf, media, newFolder } from './stored.js';

t.test('sound is read as SciPy reads it, in [-1, 1], whatever its samples are', async (t) => {
  for (const { name, file, channels } of media.sounds) {
    const found = await parseSound(name, bytesOf(file))();
    if (E.isLeft(found)) {
      t.fail(`${name}: ${found.left.found}`);
      continue;
    }
    t.equal(found.right.sampleRate, 48000);
    t.equal(found.right.channels.length, channels.length, name);
    found.right.channels.forEach((channel, c) =>
      t.equal(difference(channel, floatsOf(channels[c])), 0, name),
    );
  }
});

/** A WAV by hand. */
const wav = (
  { format = 1, channels = 1, rate = 48000, bits = 16 },
  samples: readonly number[],
  claimed = samples.length,
): Uint8Array => {
  const bytes = Buffer.alloc(44 + samples.length);
  const block = (channels * bits) / 8;
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(36 + samples.length, 4);
  bytes.write('WAVEfmt ', 8, 'latin1');
  bytes.writeUInt32LE(16, 16);
  [format, channels].forEach((n, i) => bytes.writeUInt16LE(n, 20 + 2 * i));
  [rate, rate * block].forEach((n, i) => bytes.writeUInt32LE(n, 24 + 4 * i));
  [block, bits].forEach((n, i) => bytes.writeUInt16LE(n, 32 + 2 * i));
  bytes.write('data', 36, 'latin1');
  bytes.writeUInt32LE(claimed, 40);
  bytes.set(samples, 44);
  return new Uint8Array(bytes);
};

const channelsOf = (bytes: Uint8Array) => {
  const found = parseWav('x', bytes);
  return E.isLeft(found) ? found.left.found : found.right.channels.map((channel) => [...channel]);
};

t.test('samples of 24 bits, and of two channels, are where they belong', (t) => {
  t.strictSame(channelsOf(wav({ bits: 24 }, [0, 0, 0x40, 0, 0, 0x80])), [[0.5, -1]]);
  t.strictSame(channelsOf(wav({ channels: 2 }, [0, 0x40, 0, 0x80, 0, 0, 0, 0x20])), [
    [0.5, 0],
    [-1, 0.25],
  ]);
  t.end();
});

t.test('the byte after sound of an odd number of bytes is no sample', (t) => {
  t.strictSame(channelsOf(wav({ bits: 8 }, [192, 64, 192, 0], 3)), [[0.5, -0.5, 0.5]]);
  t.end();
});

t.test('a WAV that breaks off is refused, one of unknown length is read to its end', async (t) => {
  t.equal(channelsOf(wav({}, [0, 0x40], 6)), 'a WAV that breaks off after 2 of 6 bytes of sound');
  t.strictSame(channelsOf(wav({}, [0, 0x40], 0xffffffff)), [[0.5]]);
  const whole = fileOf('int16');
  for (let length = 0; length < whole.length; length++) {
    if (E.isRight(await parseSound('x', whole.subarray(0, length))())) t.fail(`${length} bytes are accepted`);
  }
});

t.test('compressed samples, no channels and no rate are refused', (t) => {
  t.equal(channelsOf(wav({ format: 7, bits: 8 }, [1, 2])), 'a WAV of µ-law samples');
  t.equal(channelsOf(wav({ format: 6, bits: 8 }, [1, 2])), 'a WAV of A-law samples');
  t.match(channelsOf(wav({ bits: 12 }, [1, 2])), /12-bit|damaged/);
  t.match(channelsOf(wav({ rate: 0 }, [1, 2])), /0 samples a second|damaged/);
  t.match(channelsOf(wav({ channels: 0 }, [1, 2])), /0 channels|damaged/);
  t.end();
});

t.test('what is no WAV is refused by what it is, and damage is never an exception', async (t) => {
  t.match(await parseSound('x', fileOf('PNG'))(), {
    left: {
      where: 'x',
      found: 'a file in PNG',
      expected: 'sound in WAV, MP3, FLAC, Ogg Vorbis or Opus, or a film',
    },
  });
  const damages = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
    minLength: 1,
    maxLength: 5,
  });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...media.sounds), damages, async ({ name, file }, changes) => {
      const bytes = bytesOf(file);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      const found = await parseSound(name, bytes)();
      return E.isRight(found) ? found.right.channels.length > 0 : found.left.where === name;
    }),
    { numRuns: 300 },
  );
});

t.test('sound that is written is read again to the last bit', async (t) => {
  const folder = newFolder(t);
  const sample = fc.float({ min: -1, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(fc.tuple(sample, sample), { minLength: 1, maxLength: 50 }), (pairs) => {
      const channels = [0, 1].map((c) => Float32Array.from(pairs, (pair) => pair[c]));
      return [channels, channels.slice(1)].every((some) => {
        const again = parseWav('x', formatWav({ sampleRate: 16000, channels: some }));
        return (
          E.isRight(again) &&
          again.right.sampleRate === 16000 &&
          again.right.channels.length === some.length &&
          again.right.channels.every((channel, c) => difference(channel, some[c]) === 0)
        );
      });
    }),
    { numRuns: 40 },
  );
  const sound = { sampleRate: 48000, channels: [Float32Array.of(0.25, -0.5)] };
  t.strictSame(await writeSound(join(folder, 'x.wav'), sound)(), E.right(undefined));
  t.strictSame(await readSound(join(folder, 'x.wav'))(), E.right(sound));
  writeFileSync(join(folder, 'x.mp3'), 'ID3 and so on');
  t.match(await readSound(join(folder, 'x.mp3'))(), { left: { found: /MP3/ } });
  t.match(await readSound(join(folder, 'none.wav'))(), { left: { found: 'no such file or directory' } });
});
