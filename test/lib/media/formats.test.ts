/**
 * Pictures and sounds in every format that is read, beside the values that PIL, soundfile and librosa read from the same
 * files: lossless formats to the bit, lossy ones within 2 of 255, resampled sound within 1e-3.
 */
import { join } from 'node:path';
import t from 'tap';
import { root } from '../../project.js';
import { likePython } from './likePython.js';

const says = {
  picture: "PIL's pixels, upright and over white",
  sound: "soundfile's samples",
  resampled: "librosa's samples",
};

for (const [name, compare] of likePython(join(root, 'test', 'data', 'mediaFormats')))
  t.test(`${name} is as Python reads it`, async (t) => {
    const { kind, difference, allowed } = await compare();
    t.ok(difference <= allowed, `${says[kind]}: ${difference} apart, ${allowed} allowed`);
  });
