/**
 * A small optical flow model, trained, whose weights come with the package. Its network and its run are those of `flow`.
 */
import { opticalFlowModel } from '../flow/network.js';
import { flowOfPictures } from '../flow/run.js';
import { preset } from '../preset.js';

export const motion = preset({
  ...opticalFlowModel,
  run: flowOfPictures,
  name: 'motion',
  title: 'A small optical flow model, trained, in the package',
  doc: 'Two pictures of at least 32 × 32 pixels, moved by a pixel or two, to where each pixel of the first one goes.',
  sources: [
    'the optical flow model of arXiv:2107.14795 at small size, trained by `renga train motion`',
    'pictures of scikit-image (CC0): brick, camera, chelsea, coffee, grass, gravel',
  ],
  checkpoint: {
    // A getter, since bundles that are scripts, not modules, have no address of their own.
    get url() {
      return new URL('./motion.pystate', import.meta.url);
    },
    license: 'Apache-2.0',
  },
  published: {
    imageShape: [32, 32],
    numBands: 4,
    featureChannels: 46,
    patchSize: 5,
    pixelWidening: 4,
    useQueryResidual: true,
    flowScale: 100,
    encoder: {
      numLatents: 32,
      numLatentChannels: 64,
      numBlocks: 2,
      numCrossAttends: 2,
      shareWeights: false,
      numSelfAttendsPerBlock: 1,
      numSelfAttendHeads: 4,
      numCrossAttendHeads: 4,
      qkChannels: 64,
      vChannels: 64,
    },
  },
  small: {},
  about: async () => (await import('./about.js')).about,
});
