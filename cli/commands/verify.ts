/** `renga verify`: full-size models against the original's outputs. */
import { counted, showBytes } from '../../lib/data/quantities.js';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import {
  isVerified,
  originals,
  type Verification,
  type VerificationReport,
  verify as verifyPreset,
} from '../../presets/verify/verify.js';
import { orFail, UsageError } from '../failure.js';
import { startEngine } from '../load.js';
import { examples } from '../options.js';
import { print } from '../print.js';
import { withProgress } from '../progress.js';

const verificationOf = async (name: string): Promise<Verification> => {
  if (!Object.hasOwn(originals, name))
    throw new UsageError(`nothing to verify '${name}' with; there is ${Object.keys(originals).join(', ')}`);
  const { file } = await originals[name]();
  return JSON.parse(await readFile(file, 'utf8')) as Verification;
};

const text = (report: VerificationReport): string => {
  const { comparisons, numParameters, initSeconds, applySeconds, peakBytes } = report;
  const failed = comparisons.filter(({ problem }) => problem);
  const params = comparisons.filter(({ what }) => what.includes('/'));
  const wrong = params.filter(({ problem }) => problem).length;
  const outputs = comparisons.filter(({ difference }) => difference !== undefined);
  return [
    `${report.preset}: ${isVerified(report) ? 'passed' : 'FAILED'}`,
    `  ${counted(numParameters, 'parameter')} in ${counted(params.length, 'array')}, ${counted(params.length - wrong, 'fingerprint')} equal, ${wrong} different`,
    ...outputs.map(
      ({ what, difference, tolerance }) =>
        `  ${what}: largest difference ${difference?.toExponential(2)} (allowed ${tolerance?.toExponential(2)})`,
    ),
    `  init ${initSeconds.toFixed(1)} s, apply ${applySeconds.toFixed(1)} s${peakBytes ? `, peak memory ${showBytes(peakBytes)}` : ''}`,
    ...failed.slice(0, 10).map(({ what, problem }) => `  ${what}: ${problem}`),
  ].join('\n');
};

/** Adds `renga verify PRESET…`. */
export const verify = (program: Command): void => {
  program
    .command('verify')
    .argument('[presets...]', 'names of presets; default: all that can be verified')
    .description(
      'initialise presets at full size by seed, apply them, and compare with the original; no download',
    )
    .option('--json', 'print JSON, a line for each preset')
    .addHelpText('after', examples('verify imagenet-conv', 'verify'))
    .action(async (names: string[], { json }: { json?: boolean }) => {
      const wanted = await Promise.all((names.length ? names : Object.keys(originals)).map(verificationOf));
      await startEngine();
      for (const verification of wanted) {
        const report = await withProgress(`verifying ${verification.preset}`, async () =>
          orFail((problem: string) => problem)(await verifyPreset(verification)),
        );
        print(json && 'line', report, () => text(report));
        if (!isVerified(report)) process.exitCode = 1;
      }
    });
};
