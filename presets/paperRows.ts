/**
 * Rows of the papers' tables: each a preset, with changes to its config where it has no name of its own, and the
 * parameters and FLOPs printed for it. `renga list --papers` counts both and shows them beside the printed ones.
 */
import { paper } from './about/sources.js';
import type { Changes } from './preset.js';
import { type PresetName, presets } from './registry.js';

/** Changes to a preset's published values. */
type ChangesOf<N extends PresetName> = (typeof presets)[N] extends {
  (changes?: infer C): unknown;
}
  ? C
  : never;

/** One row of a table. */
export interface PaperRow {
  readonly preset: PresetName;
  /** The row's name where it is not the preset's own: 'language, 128 latents'. */
  readonly name: string;
  /** Changes to the published values; none for the preset itself. */
  readonly changes: Changes<object>;
  /** Inputs that the figures are of, where they are not the preset's own. */
  readonly inputs?: readonly unknown[];
  /** As printed: '201M', '113B'. Undefined where the paper prints none. */
  readonly parameters?: string;
  readonly flops?: string;
  readonly source: string;
  /** The reason why what is counted differs from what is printed, or why nothing is printed. */
  readonly difference?: string;
}

type Figures<N extends PresetName> = Omit<PaperRow, 'preset' | 'name' | 'changes'> & {
  readonly name?: string;
  readonly changes?: ChangesOf<N>;
};

const row = <N extends PresetName>(preset: N, { name, changes, ...figures }: Figures<N>): PaperRow => ({
  preset,
  name: name ? `${preset}, ${name}` : preset,
  changes: changes ?? {},
  ...figures,
});

const table11 = paper('table 11');
const table15 = paper('table 15');
const table16 = paper('table 16');
const tables7and8 = paper('tables 7 and 8');
const ofTwentyFour = 'The printed FLOPs are those of 24 layers; the model has 26.';
const noFigures = 'The table has errors of the flow alone.';

const languageRows = [
  row('language', { parameters: '201M', flops: '113B', source: table11, difference: ofTwentyFour }),
  row('language', {
    name: '128 latents of 1920',
    changes: { encoder: { numLatents: 128, numLatentChannels: 1920, vChannels: 1920 } },
    flops: '120B',
    source: table15,
    difference: ofTwentyFour,
  }),
  row('language', {
    name: '512 latents of 896',
    changes: { encoder: { numLatents: 512, numLatentChannels: 896, vChannels: 896 } },
    flops: '125B',
    source: table15,
    difference: ofTwentyFour,
  }),
  row('language-plus', {
    parameters: '425M',
    flops: '241B',
    source: table11,
    difference: 'The printed parameters are cut off, not rounded.',
  }),
];

const imagenetRows = [
  row('imagenet-fourier', {
    parameters: '48.4M',
    flops: '407B',
    source: tables7and8,
    difference:
      'What else the authors counted is not said; products and convolutions alone are counted here.',
  }),
  row('imagenet-learned', {
    parameters: '62.3M',
    flops: '407B',
    source: tables7and8,
    difference: 'The printed FLOPs are those of Fourier features, 261 wide; inputs are 512 wide here.',
  }),
  row('imagenet-conv', { parameters: '48.6M', flops: '369B', source: tables7and8 }),
  row('imagenet-fourier-b', {
    parameters: '212M',
    flops: '213B',
    source: tables7and8,
    difference: 'The printed parameters are those of 16 layers, the printed FLOPs those of 12.',
  }),
  row('imagenet-fourier-b', {
    name: '12 layers',
    changes: { encoder: { numSelfAttendsPerBlock: 12 } },
    flops: '213B',
    source: tables7and8,
  }),
  row('imagenet-conv-b', {
    parameters: '212M',
    flops: '176B',
    source: tables7and8,
    difference: 'The printed parameters are those of 16 layers, the printed FLOPs those of 12.',
  }),
  row('imagenet-conv-b', {
    name: '12 layers',
    changes: { encoder: { numSelfAttendsPerBlock: 12 } },
    flops: '176B',
    source: tables7and8,
  }),
];

const flowRows = [
  row('flow', {
    parameters: '27.9M',
    flops: '987B',
    source: paper('table 17'),
    difference: 'The printed figures are those of flow-light.',
  }),
  row('flow-light', {
    parameters: '27.9M',
    flops: '987B',
    source: paper('table 17'),
    difference:
      'What else the authors counted is not said; products and convolutions alone are counted here.',
  }),
  row('flow', {
    name: '3 × 3, frames apart',
    changes: { areFramesApart: true },
    source: table16,
    difference: noFigures,
  }),
  row('flow', { name: '1 × 1', changes: { patchSize: 1 }, source: table16, difference: noFigures }),
  row('flow', {
    name: '1 × 1, frames apart',
    changes: { patchSize: 1, areFramesApart: true },
    source: table16,
    difference: noFigures,
  }),
];

/** The inputs of the autoencoder that decodes some pixels and some pieces of sound. */
const decoding = (pixels: number, pieces: number): readonly unknown[] => [
  presets.multimodal().inputs[0],
  {
    image: { shape: [pixels], dtype: 'int32' },
    audio: { shape: [pieces], dtype: 'int32' },
  },
];

const multimodalRows = [
  row('multimodal', {
    name: 'in training',
    inputs: decoding(512, 512),
    parameters: '20.0M',
    flops: '310B',
    source: paper('table 17'),
    difference: 'The code gives these; what the authors counted is not said.',
  }),
  row('multimodal', {
    name: 'a whole clip',
    inputs: decoding(16 * 224 * 224, 1920),
    parameters: '20.0M',
    flops: '6.85T',
    source: paper('table 17'),
    difference: 'The code gives these; what the authors counted is not said.',
  }),
  row('multimodal-392', { source: paper('table 4'), difference: 'The table has qualities alone.' }),
  row('multimodal-196', { source: paper('table 4'), difference: 'The table has qualities alone.' }),
];

/** All rows, in the order of the presets. */
export const paperRows: readonly PaperRow[] = [
  ...languageRows,
  ...imagenetRows,
  ...flowRows,
  ...multimodalRows,
  row('starcraft', {
    flops: '0.93B',
    source: paper('table 9'),
    difference:
      'The printed FLOPs are those of the encoder, the decoder and one linear layer: 0.929B here. The embedding of the entities and the pooled vector are counted too.',
  }),
  row('starcraft-transformer', {
    flops: '3.3B',
    source: paper('table 9'),
    difference:
      'The printed FLOPs are those of the three layers and one linear layer: 3.288B here. The embedding of the entities and the pooled vector are counted too.',
  }),
];
