/**
 * Whole training steps: loss, gradients and Adam. The two small models of `training`, and one block of a published model
 * at full size, batch 8.
 */
import { type Ops } from '../ops.js';
import { selfAttention, type Widths } from '../programs/blocks.js';
import type { Work } from '../work.js';
import { training } from './training.js';

const small: readonly Work[] = training.map((work) => ({
  ...work,
  name: work.name.replace('training step', 'step'),
  loss: 'crossEntropy',
}));

const batch = 8;

const block = (where: string, n: number, channels: number, qkChannels: number): Work => {
  const widths: Widths = { heads: 8, qk: qkChannels, v: channels, output: channels };
  const shape = [batch, n, channels];
  return {
    name: `step, self-attention block, ${where}: batch ${batch} of ${n} × ${channels}`,
    group: 'training',
    inputs: [
      { name: 'x', shape, kind: 'normal' },
      { name: 'targets', shape, kind: 'normal' },
    ],
    program: <T>(ops: Ops<T>, [x]: readonly T[]) => [selfAttention(ops, 'self_attention', widths, x)],
    library: {
      kind: 'layer',
      constructor: 'selfAttention',
      options: [{ numHeads: 8, qkChannels, vChannels: channels, wideningFactor: 1 }],
    },
    loss: 'squares',
    tolerance: 1e-3,
  };
};

/** A step's model alone: its work without labels or targets. */
export const modelOf = (work: Work): Work => ({ ...work, inputs: work.inputs.slice(0, -1) });

/** Steps that `bench:peers` measures. */
export const steps: readonly Work[] = [
  ...small,
  block('ImageNet', 512, 1024, 1024),
  block('language', 256, 1280, 256),
];
