/**
 * Rows of the papers' tables: each a preset, with changes to its config where it has no name of its own, and the
 * parameters and FLOPs printed for it. `renga list --papers` counts both and shows them beside the printed ones. Rows of
 * networks that were published in part say what is missing.
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

/** A row of a table of which too little was published for a network. */
export interface UnbuiltRow {
  readonly preset: PresetName;
  readonly name: string;
  readonly source: string;
  /** The parts that were not published, and those that were. */
  readonly unpublished: string;
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

const pieceRow = row('language-sentencepiece', {
  parameters: '223M',
  flops: '119B',
  source: table11,
  difference:
    'Without the logits it takes 108.4B, with those of all pieces 133.6B: neither is what is printed.',
});

const averagesAlone = 'The table has averages of GLUE alone.';
const table2 = paper('table 2');

const glueRows = [
  row('glue', { source: table2, difference: averagesAlone }),
  row('glue', {
    name: 'one token for all tasks',
    changes: { conditioning: 'sharedToken' },
    source: table2,
    difference: averagesAlone,
  }),
  row('glue', {
    name: 'a token for each task',
    changes: { conditioning: 'taskTokens' },
    source: table2,
    difference: averagesAlone,
  }),
  row('glue', {
    name: 'a task alone',
    changes: { tasks: [{ name: 'cola', numClasses: 2 }] },
    source: table2,
    difference: averagesAlone,
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

/** Source of what is published: arXiv:2107.14795, tables 5, 6 and 16. */
const ofConvolutions =
  "the layers of the upsampling, which is RAFT's, and their widths, and the place where the frames are joined. Published are a convolution of 7 × 7 with 64 channels and a max pool before, 11,408 inputs and queries 322 wide (22,816 inputs with the frames apart), outputs 64 wide, and the sizes of the latents.";

const unbuiltFlowRows: readonly UnbuiltRow[] = [
  "convolution and RAFT's upsampling",
  "convolution and RAFT's upsampling, frames apart",
  "convolution and RAFT's upsampling, 16 layers of 1,024 latents",
].map((name) => ({
  preset: 'flow',
  name: `flow, ${name}`,
  source: table16,
  unpublished: ofConvolutions,
}));

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

const table10 = paper('table 10');
const ofFirst = 'the first Perceiver';
const uncounted =
  'What else the authors counted is not said; products and convolutions alone are counted here.';

const audioSetRows = [
  row('audioset-raw', {
    parameters: '25.0M',
    flops: '52.9B',
    source: table10,
    difference: `The frequencies of the sound were not published. ${uncounted}`,
  }),
  row('audioset-mel', {
    parameters: '88.2M',
    flops: '129.5B',
    source: table10,
    difference:
      'Nothing that was published explains the 1.9 % of the parameters that are missing; the FLOPs agree.',
  }),
  row('audioset-raw', {
    name: ofFirst,
    changes: { decoder: { kind: 'average' } },
    parameters: '21.0M',
    flops: '52.3B',
    source: table10,
    difference: uncounted,
  }),
  row('audioset-mel', {
    name: ofFirst,
    changes: { encoder: { numLatentChannels: 512 }, decoder: { kind: 'average' } },
    parameters: '21.0M',
    flops: '60.7B',
    source: table10,
    difference: uncounted,
  }),
  row('audioset-raw', {
    name: 'two cross-attentions',
    changes: {
      encoder: { numBlocks: 2, numCrossAttends: 2, shareWeights: false, numSelfAttendsPerBlock: 8 },
      decoder: { kind: 'average' },
    },
    source: 'arXiv:2103.03206, table 3',
    difference: 'The table has precisions alone; its width of the latents was not published.',
  }),
];

const onlyOne = { numCrossAttends: 1 };

const firstPerceiverRows = [
  row('perceiver', {
    parameters: '45M',
    flops: '707B',
    source: 'arXiv:2103.03206, section 4.1',
    difference: `Parameters agree. ${uncounted}`,
  }),
  row('perceiver', {
    name: 'one cross-attention',
    changes: { encoder: onlyOne },
    parameters: '42.1M',
    flops: '404B',
    source: tables7and8,
  }),
  row('perceiver', {
    name: 'one cross-attention, learned positions',
    changes: {
      encoder: onlyOne,
      preprocessor: {
        features: { kind: 'conv1x1', numChannels: 256, spatialDownsample: 1 },
        position: { kind: 'trainable', numChannels: 256, projectTo: 256 },
      },
    },
    parameters: '55.9M',
    flops: '404B',
    source: tables7and8,
    difference:
      'The printed FLOPs are those of Fourier features, 261 wide; inputs are 512 wide here. 55,951,080 parameters are cut off, not rounded.',
  }),
  row('perceiver', {
    name: 'one cross-attention, a convolution before',
    changes: {
      encoder: onlyOne,
      preprocessor: {
        features: { kind: 'conv' },
        position: { kind: 'fourier', numBands: 64, maxResolution: [56, 56] },
      },
    },
    parameters: '42.1M',
    flops: '367B',
    source: tables7and8,
    difference: 'The printed parameters are those of pixels, for a convolution before has 0.2M of its own.',
  }),
  row('perceiver-points', {
    source: 'arXiv:2103.03206, section 4.3',
    difference: 'Neither parameters nor FLOPs were published.',
  }),
];

/** All rows, in the order of the presets. */
export const paperRows: readonly (PaperRow | UnbuiltRow)[] = [
  ...languageRows,
  pieceRow,
  ...glueRows,
  ...imagenetRows,
  ...flowRows,
  ...unbuiltFlowRows,
  ...multimodalRows,
  ...audioSetRows,
  ...firstPerceiverRows,
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
