/** Rows of the papers' tables: what is counted is what is printed, to its rounding, or the difference is explained. */
import t from 'tap';
import { summary } from '../../lib/graph/index.js';
import { type PaperRow, paperRows } from '../../presets/paperRows.js';
import type { AnyPreset } from '../../presets/preset.js';
import { presets } from '../../presets/registry.js';

/** The parameters of configurations without a name of their own; those of presets are in published.test.ts. */
const parameters: Readonly<Record<string, number>> = {
  'language, 128 latents of 1920': 430_132_230,
  'language, 512 latents of 896': 105_849_862,
  'glue, one token for all tasks': 204_272_912,
  'glue, a token for each task': 204_279_056,
  'glue, a task alone': 200_128_002,
  'imagenet-fourier-b, 12 layers': 161_785_139,
  'imagenet-conv-b, 12 layers': 161_991_034,
  'flow, 3 × 3, frames apart': 41_720_272,
  'flow, 1 × 1': 41_054_062,
  'flow, 1 × 1, frames apart': 41_718_736,
  'audioset-raw, the first Perceiver': 20_971_870,
  'audioset-mel, the first Perceiver': 20_971_868,
  'audioset-raw, two cross-attentions': 28_787_139,
  'perceiver, one cross-attention': 42_135_859,
  'perceiver, one cross-attention, learned positions': 55_951_080,
  'perceiver, one cross-attention, a convolution before': 42_341_754,
};

const units: Readonly<Record<string, number>> = { M: 1e6, B: 1e9, T: 1e12 };

/** True if a count rounds to the printed figure: '48.4M', '6.85T'. */
const roundsTo = (count: number, printed: string): boolean => {
  const [, digits, unit] = /^([\d.]+)([MBT])$/.exec(printed) as RegExpExecArray;
  const decimals = digits.split('.')[1]?.length ?? 0;
  return (count / units[unit]).toFixed(decimals) === digits;
};

const built = paperRows.filter((row): row is PaperRow => !('unpublished' in row));

t.test('every row has a name of its own', async (t) => {
  t.equal(new Set(paperRows.map(({ name }) => name)).size, paperRows.length);
  const unnamed = built.filter(({ changes }) => Object.keys(changes).length > 0);
  t.same(unnamed.map(({ name }) => name).sort(), Object.keys(parameters).sort());
});

for (const row of built)
  t.test(`${row.name}: printed figures agree, or the difference is explained`, async (t) => {
    const preset: AnyPreset = presets[row.preset];
    const model = preset(row.changes);
    const found = summary(model.network, row.inputs ?? model.inputs);
    if (Object.hasOwn(parameters, row.name)) t.equal(found.parameters, parameters[row.name]);
    const agrees =
      (row.parameters === undefined || roundsTo(found.parameters, row.parameters)) &&
      (row.flops === undefined || roundsTo(found.flops, row.flops));
    const isPrinted = row.parameters !== undefined || row.flops !== undefined;
    t.equal(row.difference === undefined, agrees && isPrinted, `${found.parameters}, ${found.flops}`);
  });
