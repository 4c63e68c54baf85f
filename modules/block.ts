/**
 * The parts that self- and cross-attention blocks share: config fields, and the attention and the MLP that they are made
 * of.
 */
import { type FullOf, count, finite, optional, probability, withDefault } from '../lib/data/config.js';
import { attendingFields, attendingOf, attention, type AttentionParts } from './attention.js';
import { activation, mlp } from './mlp.js';

/** Config fields of attention blocks. */
export const blockFields = (source: string, wideningFactor: number) => ({
  numHeads: withDefault(count, 8, { doc: 'Number of attention heads.', source }),
  wideningFactor: withDefault(count, wideningFactor, {
    doc: "Width of the MLP's hidden layer, in widths of the block's output.",
    source,
  }),
  vChannels: optional(count, { doc: 'Width of values over all heads; qkChannels if not given.', source }),
  dropoutRate: withDefault(probability, 0, {
    doc: 'Dropout after attention and in the MLP, in training.',
    source,
  }),
  attentionDropoutRate: withDefault(probability, 0, {
    doc: 'Dropout of attention weights in training.',
    source,
  }),
  attentionInitScale: withDefault(finite, 1, { doc: "Scale of attention's initial variances.", source }),
  mlpInitScale: withDefault(finite, 1, { doc: "Scale of the MLP's initial variances.", source }),
  activation,
  ...attendingFields,
});

type BlockConfig = FullOf<ReturnType<typeof blockFields>>;

/** The attention of a block. */
export const attentionOf = (
  block: BlockConfig,
  widths: { readonly qkChannels?: number; readonly outputChannels: number },
  parts: AttentionParts,
) =>
  attention({
    ...widths,
    numHeads: block.numHeads,
    vChannels: block.vChannels,
    dropoutRate: block.attentionDropoutRate,
    initScale: block.attentionInitScale,
    ...attendingOf(block),
    ...parts,
  });

/** The MLP of a block. */
export const mlpOf = ({
  wideningFactor,
  dropoutRate,
  mlpInitScale: initScale,
  activation: act,
}: BlockConfig) => mlp({ wideningFactor, dropoutRate, initScale, activation: act });
