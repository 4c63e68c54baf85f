/**
 * The published autoencoder of video, audio and a label.
 */
import { preset } from '../preset.js';
import {
  multimodalConfig,
  multimodalFromColab,
  multimodalNetwork,
  multimodalShapes,
  numAudioPatches,
  publishedMultimodal,
} from './multimodal.js';
import { autoencodeClip } from './autoencode.js';

export const multimodal = preset({
  name: 'multimodal',
  title: 'Autoencoding of video, audio and a label',
  doc: 'A clip of 16 frames with its sound through 784 latents and back, and the label of what happens in it.',
  sources: ['arXiv:2107.14795, section 4.3 and appendix I', "DeepMind's video autoencoding colab"],
  checkpoint: {
    url: new URL('https://storage.googleapis.com/perceiver_io/video_autoencoding_checkpoint.pystate'),
    license: 'CC BY 4.0 (DeepMind)',
  },
  notes: [
    "The paper's compression ratio of 88 is that to the padded input array; to the raw samples it is 6.1.",
    'The code has 1920 audio elements and so 52,097 inputs; table 5 of the paper implies 480.',
    "Query positions of single points are -1 + 2·i/n, where whole grids have -1 + 2·i/(n - 1): the original's.",
  ],
  codec: multimodalConfig,
  published: publishedMultimodal,
  network: multimodalNetwork,
  inputs: (config) => {
    const { image, audio, label } = multimodalShapes(config);
    const clip = {
      image: { shape: [1, ...image] },
      audio: { shape: [1, ...audio] },
      label: { shape: [1, ...label] },
    };
    // One pixel and one patch are enough for every parameter.
    return [clip, { image: [0], audio: [0] }] as const;
  },
  names: { inputs: ['', 'points'], output: 'decoded' },
  inputGrid: (config) => ({
    shape: [config.numFrames, config.patchGrid, config.patchGrid],
    start: numAudioPatches(config),
  }),
  decodesInParts: true,
  openInputs: (config) => {
    const { image, audio, label } = multimodalShapes(config);
    const clip = {
      image: { shape: ['batch', ...image] },
      audio: { shape: ['batch', ...audio] },
      label: { shape: ['batch', ...label] },
    };
    const points = (name: string) => ({ shape: [name], dtype: 'int32' as const });
    return [clip, { image: points('image_points'), audio: points('audio_points') }] as const;
  },
  run: autoencodeClip,
  fromHaiku: multimodalFromColab,
});
