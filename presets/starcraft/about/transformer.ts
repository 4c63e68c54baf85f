/** Texts of the Transformer that the encoder of entities takes the place of. */
import { counted, paper } from '../../about/sources.js';
import { variantAbout } from '../../about/variant.js';
import { about as starcraft } from '../about.js';

const alphaStarText = "AlphaStar's supplementary material, detailed-architecture.txt";

export const about = variantAbout(starcraft, 'entityTransformer', {
  summary: `What the agent AlphaStar had where \`starcraft\` stands: each of up to 512 units attends to every other, in 3 layers with 2 heads of 128 and an MLP of 1,024. It takes the same records and gives the same two outputs, so that one can be put in the place of the other.

It has 2,917,888 parameters with the embedding of 1,628 features. Its three layers and the last linear layer take 3.288B FLOPs, 3.54 times those of the Perceiver.`,
  why: {
    '256': starcraft.why!['256'],
    '512': 'The most entities.',
    '1628': starcraft.why!['1628'],
  },
  results: [
    {
      what: 'wins against the Elite bot, after behavioural cloning',
      value: '87 %',
      source: paper('table 9'),
    },
    { what: "the encoder's FLOPs", value: '3.3B', source: paper('table 9') },
    { what: "the encoder's FLOPs", value: '0.93B', of: 'the Perceiver', source: paper('table 9') },
    {
      what: 'time for 512 entities on one thread, beside the Perceiver, both with the embedding of the features',
      value: '1.9 times as long',
      source:
        'measured here, on a machine that other programs used too: 436 and 233 ms, the least of 15 runs',
    },
  ],
  training: [
    { what: 'task', value: 'games of people, then self-play, the whole agent', source: alphaStarText },
    { what: 'optimiser, schedule and number of steps' },
  ],
  differences: [
    {
      what: 'FLOPs',
      said: 'Table 9: 3.3B.',
      found:
        'The three layers take 3.221B, with the linear layer of `entityEmbeddings` 3.288B. The embedding of the features, which both encoders have, is left out of the figures.',
      source: counted,
    },
    {
      what: 'parameters',
      said: 'Table 9: the agent has 144M with this encoder, 140M with the Perceiver.',
      found:
        'The other way round: these layers have 2.37M, encoder and decoder of the Perceiver 6.40M, as its latents are twice as wide and cross-attention comes on top. Either is small beside the rest of the agent, which makes the difference.',
      source: counted,
    },
    {
      what: 'norms',
      said: 'The text does not say where they stand.',
      found: 'Before attention and before the MLP, as in the other models here; they add 3,072 parameters.',
      source: alphaStarText,
    },
  ],
});
