/**
 * The masked language model on any engine's operations: ids [B, T] int32 and mask [B, T] to logits [B, T, vocabulary].
 */
import type { Ops, Program } from '../ops.js';
import { crossAttention, encoder, type EncoderSizes, spread, trained } from './blocks.js';

export interface LanguageSizes {
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly modelChannels: number;
  readonly encoder: EncoderSizes;
  readonly decoder: { readonly numHeads: number; readonly qkChannels: number; readonly vChannels: number };
}

/** Source: arXiv:2107.14795, section 4.1 and table 11. */
export const publishedLanguage: LanguageSizes = {
  vocabSize: 262,
  maxLength: 2048,
  modelChannels: 768,
  encoder: {
    numLatents: 256,
    numLatentChannels: 1280,
    numBlocks: 1,
    numSelfAttendsPerBlock: 26,
    numSelfAttendHeads: 8,
    numCrossAttendHeads: 8,
    qkChannels: 256,
    vChannels: 1280,
  },
  decoder: { numHeads: 8, qkChannels: 256, vChannels: 768 },
};

export const language =
  ({ vocabSize, maxLength, modelChannels, ...sizes }: LanguageSizes): Program =>
  <T>(ops: Ops<T>, [ids, mask]: readonly T[]) => {
    const table = ops.param('embed', 'embeddings', [vocabSize, modelChannels]);
    const positions = trained(ops, 'trainable_position_encoding', maxLength, modelChannels);
    const inputs = ops.add(ops.lookUp(table, ids), positions);
    const { numLatents } = sizes.encoder;
    const z = encoder(ops, 'perceiver_encoder', sizes.encoder, inputs, spread(ops, mask, numLatents, false));
    const [batch] = ops.shapeOf(ids);
    const path = 'basic_decoder/~/trainable_position_encoding';
    const queries = trained(ops, path, maxLength, modelChannels, batch);
    const widths = {
      heads: sizes.decoder.numHeads,
      qk: sizes.decoder.qkChannels,
      v: sizes.decoder.vChannels,
      output: modelChannels,
      useQueryResidual: false,
    };
    const attended = crossAttention(
      ops,
      'basic_decoder/cross_attention',
      widths,
      queries,
      z,
      spread(ops, mask, numLatents, true),
    );
    const bias = ops.param('embedding_decoder', 'bias', [vocabSize]);
    return [ops.affine(attended, ops.transpose(table, [1, 0]), bias)];
  };
