/** Texts of the two larger ImageNet models, config B, that were pretrained on JFT. */
import type { About } from '../../../lib/docs/about.js';
import type { Recipe } from '../../../lib/train/recipe.js';
import { recipeFacts } from '../../about/recipeFacts.js';
import { variantAbout } from '../../about/variant.js';
import { counted, paper } from '../../about/sources.js';
import { jftConvTuningRecipe, jftRecipe, jftTuningRecipe } from '../recipe.js';
import { about as convolution } from './conv.js';
import { about as fourierFeatures } from './fourier.js';

/** Figures of tables 7 and 8, and of the model. */
interface Larger {
  readonly preset: string;
  readonly tuning: Recipe;
  readonly top1: string;
  readonly parameters: string;
  /** As here, and as published. */
  readonly flops: string;
  readonly publishedFlops: string;
  readonly inputs: string;
}

const larger = (base: About, of: Larger): About =>
  variantAbout(base, of.preset, {
    summary: `Says what a photograph shows, one of 1,000 classes: ${of.inputs} The larger config of the paper, pretrained on the 300 million pictures of JFT: 16 layers, each with weights of its own, whose MLPs are four times as wide as the latents.

It has ${of.parameters} parameters and takes ${of.flops} GFLOP for a picture.`,
    why: base.why,
    results: [
      { what: 'ImageNet, top-1', value: `${of.top1} %`, source: paper('table 7') },
      { what: 'training steps a second', value: '6.41', source: paper('table 8') },
    ],
    training: [
      {
        what: 'data',
        value: 'JFT-300M, 18,000 classes, on 256 TPUs; then ImageNet',
        source: paper('appendix A.2'),
      },
      ...recipeFacts(jftRecipe, 'pretraining'),
      ...recipeFacts(of.tuning, 'fine-tuning'),
    ],
    differences: [
      {
        what: 'layers',
        said: `Table 8: 212M parameters and ${of.publishedFlops}B FLOPs.`,
        found: `The parameters are those of 16 layers, the FLOPs those of 12: 16 layers take ${of.flops}B, 12 have 162M parameters. Here: 16.`,
        source: `${counted}; ${paper('tables 7 and 8')}`,
      },
      {
        what: 'number of classes',
        said: 'Appendix A.2: fine-tuning on ImageNet needs 18,000 classes.',
        found:
          'ImageNet has 1,000, JFT 18,000. The published 212M parameters are those with 1,000; for pretraining: `numClasses: 18000`.',
        source: counted,
      },
    ],
  });

export const fourier = larger(fourierFeatures, {
  preset: 'imagenetFourierB',
  tuning: jftTuningRecipe,
  top1: '84.5',
  parameters: '212,170,035',
  flops: '268.7',
  publishedFlops: '213',
  inputs: '50,176 single pixels with Fourier features of their places.',
});

export const conv = larger(convolution, {
  preset: 'imagenetConvB',
  tuning: jftConvTuningRecipe,
  top1: '86.4',
  parameters: '212,375,930',
  flops: '231.9',
  publishedFlops: '176',
  inputs: 'a convolution and a pooling first make 56 × 56 features of its pixels.',
});
