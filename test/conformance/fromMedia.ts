/** Pictures and sounds written by Python: read here as PIL, soundfile and librosa read them. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { likePython } from '../lib/media/likePython.js';
import { root } from '../project.js';
import { finding, type Group } from './finding.js';
import { run } from './process.js';

export const fromMedia = async (python: string, work: string): Promise<Group> => {
  const folder = join(work, 'media');
  mkdirSync(folder, { recursive: true });
  await run(python, [join(root, 'test', 'data', 'mediaFormats.py'), folder]);
  const findings = [];
  for (const [name, compare] of likePython(folder))
    findings.push(
      await finding(`\`${name}\``, async () => {
        const { difference: error, allowed: tolerance } = await compare();
        return [{ array: name, error, tolerance }];
      }),
    );
  return {
    title: 'Pictures and sounds, read as Python reads them',
    doc: 'Written by PIL and soundfile: photographs of telephones (EXIF 1 to 8), opacity, 16 bits, CMYK, sounds of six formats and rates. Pictures are compared in [0, 255], by their mean difference where the format loses something and by the largest otherwise; sounds and resampled sounds (`name@rate`, beside librosa) by the largest.',
    findings,
  };
};
