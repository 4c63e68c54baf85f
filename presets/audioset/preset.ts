/**
 * The two models of AudioSet, by samples and by mel spectrograms, and the first Perceiver's as changes to them.
 */
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { config, count, decodeConfig, required } from '../../lib/data/config.js';
import { type Changes, preset } from '../preset.js';
import { type AudioSetConfig, audioSetConfig, audioSetNetwork, patchGrid, soundShape } from './network.js';
import { tagRecording } from './run.js';

/** Source: arXiv:2107.14795, appendix C, tables 5, 6 and 10. */
const published = {
  numSamples: 61440,
  sound: { kind: 'raw' as const },
  numFrames: 32,
  side: 224,
  imageBands: 16,
  numClasses: 527,
  encoder: {
    numLatents: 512,
    numLatentChannels: 512,
    numBlocks: 1,
    numSelfAttendsPerBlock: 12,
    numSelfAttendHeads: 8,
    numCrossAttendHeads: 1,
  },
  decoder: { kind: 'query' as const, numChannels: 1024 },
};

const small = {
  numSamples: 64,
  numFrames: 4,
  side: 16,
  imageBands: 2,
  numClasses: 9,
  encoder: { numLatents: 4, numLatentChannels: 16, numSelfAttendsPerBlock: 2, numSelfAttendHeads: 4 },
  decoder: { kind: 'query' as const, numChannels: 12 },
};

const sizes = [
  'num_frames',
  'side',
  'audio_samples',
  'samples_per_patch',
  'image_bands',
  'audio_bands',
] as const;
const others = ['min_padding_size', 'num_classes', 'z', 'ch', 'heads', 'layers', 'class_query'] as const;
const sizesConfig = config(
  'audioSetSizes',
  'Sizes as the reference program names them.',
  Object.fromEntries([...sizes, ...others].map((name) => [name, required(count, { doc: name })])) as Record<
    (typeof sizes)[number] | (typeof others)[number],
    ReturnType<typeof required<number, number>>
  >,
);

/** Reads the sizes of a composition of DeepMind's parts; there is no published code of the model itself. */
const fromSizes = (kwargs: unknown) =>
  pipe(
    decodeConfig(sizesConfig, kwargs),
    E.map((of): typeof published => ({
      numSamples: of.audio_samples,
      sound: { kind: 'raw', samplesPerPatch: of.samples_per_patch, numBands: of.audio_bands } as never,
      numFrames: of.num_frames,
      side: of.side,
      imageBands: of.image_bands,
      ...{ minPaddingSize: of.min_padding_size, videoDropout: 0 },
      numClasses: of.num_classes,
      encoder: {
        ...published.encoder,
        numLatents: of.z,
        numLatentChannels: of.ch,
        numSelfAttendsPerBlock: of.layers,
        numSelfAttendHeads: of.heads,
      },
      decoder: { kind: 'query', numChannels: of.class_query },
    })),
  );

const notes = [
  'Nobody published its code or its parameters.',
  'Inputs of 487 channels have 16 frequencies for each dimension of the video: 384 colours, 99 of the place, 4 learned; 64, as appendix G has it, would make 775. The frequencies of the sound, 64 here, are our choice and change no other size.',
];

/** The parts of both models. */
const soundAndVideo = {
  task: 'audio-tags' as const,
  sources: ['arXiv:2107.14795, appendix C, tables 5, 6 and 10', 'arXiv:2103.03206, section 4.2'],
  codec: audioSetConfig,
  network: audioSetNetwork,
  inputs: (config: AudioSetConfig) =>
    [
      {
        image: { shape: [1, config.numFrames, config.side, config.side, 3] },
        audio: { shape: [1, ...soundShape(config).shape] },
      },
    ] as const,
  names: { inputs: [''], output: 'logits' },
  inputGrid: (config: AudioSetConfig) => ({ shape: patchGrid(config), start: soundShape(config).elements }),
  run: tagRecording,
};

export const audiosetRaw = preset({
  ...soundAndVideo,
  name: 'audioset-raw',
  title: 'AudioSet: tags of sound and video',
  doc: 'A recording, with its video or without, to the probabilities of 527 kinds of sound, by its samples.',
  notes,
  published,
  small: { ...small, sound: { kind: 'raw', samplesPerPatch: 8, numBands: 3 } },
  fromHaiku: (kwargs) => fromSizes(kwargs) as E.Either<never, Changes<typeof published>>,
  about: async () => (await import('./about.js')).about,
});

export const audiosetMel = preset({
  ...soundAndVideo,
  name: 'audioset-mel',
  variantOf: 'audioset-raw',
  title: 'AudioSet: tags of sound and video, by spectrograms',
  doc: 'A recording, with its video or without, to the probabilities of 527 kinds of sound, by its mel spectrogram.',
  notes: [
    ...notes,
    'Only the 4,800 inputs of the spectrogram were published. Here they are 60 steps of 80 bands: a step every 1,024 samples, which divides the clip, and windows of 2,048.',
  ],
  published: {
    ...published,
    sound: { kind: 'mel' },
    encoder: { ...published.encoder, numLatentChannels: 1024 },
    soundDropout: 0.1,
  },
  small: { ...small, sound: { kind: 'mel', numSteps: 4, numMels: 3, numBands: 3 } },
  about: async () => (await import('./about/mel.js')).about,
});
