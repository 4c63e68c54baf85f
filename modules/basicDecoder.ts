/**
 * The decoder by cross-attention, which the other decoders wrap: each output element is a query that attends to the
 * latents.
 */
import * as tf from '@tensorflow/tfjs-core';
import {
  config,
  count,
  flag,
  oneOf,
  optional,
  type OptionsFor,
  required,
  sizes,
  withDefault,
} from '../lib/data/config.js';
import { isWithoutData } from '../lib/engine/index.js';
import { zeros } from '../lib/language/initializers.js';
import { module } from '../lib/language/module.js';
import { ShapeError } from '../lib/data/shape.js';
import { crossMask } from './attend.js';
import { crossAttention } from './crossAttention.js';
import type { Decoder, Points, QueryInputs } from './decoder.js';
import { linear } from './linear.js';
import { activation } from './mlp.js';
import { declarePosition, positionConfig } from './position.js';

const source = 'perceiver.py `BasicDecoder`';

/** The fields of decoders that wrap this one. */
export const queryFields = {
  position: optional(positionConfig, {
    doc: "Encoding of the queries' positions; undefined where queries are made elsewhere.",
    source,
  }),
  numHeads: withDefault(count, 1, { doc: 'Heads of the cross-attention.', source }),
  qkChannels: optional(count, { doc: "Width of queries and keys; the latents' if not given.", source }),
  vChannels: optional(count, { doc: 'Width of values; qkChannels if not given.', source }),
  useQueryResidual: withDefault(flag, false, {
    doc: 'True to add the queries to the attended values.',
    source,
  }),
  concatPreprocessedInput: withDefault(flag, false, {
    doc: "True to put the preprocessed inputs, without their positions, in front of each query's position encoding.",
    source,
  }),
  finalProject: withDefault(flag, true, {
    doc: 'True to map the attended queries to outputChannels with a linear layer.',
    source,
  }),
  outputInit: withDefault(oneOf('fanIn', 'zeros'), 'fanIn', {
    doc: 'Initial weights of that layer: TruncatedNormal(1 / √fan-in), or zeros.',
    source: `${source}, output_w_init`,
  }),
  activation,
};

export const basicDecoderConfig = config(
  'basicDecoder',
  'Cross-attention from output queries to the latents.',
  {
    outputChannels: required(count, {
      doc: 'Width of each output element; unused without finalProject.',
      source,
    }),
    outputIndexDims: withDefault(sizes, [], { doc: "Sizes of the output's grid.", source }),
    ...queryFields,
  },
);
export type BasicDecoderOptions = OptionsFor<typeof basicDecoderConfig>;

/** Refuses a point outside of a grid. */
const expectPoints = (points: ArrayLike<number>, size: number): void => {
  for (let p = 0; p < points.length; p++) {
    if (Number.isInteger(points[p]) && points[p] >= 0 && points[p] < size) continue;
    throw new RangeError(`point ${p} is ${points[p]}, expected a whole number from 0 to ${size - 1}`);
  }
};

/**
 * Positions of points along one dimension: -1 + 2·i / n. The last one is below 1, unlike the last of a whole grid,
 * because the original subsamples so. Its compiled form multiplies by 1 / n and rounds once, after the fused sum; the
 * same is done here in float64.
 */
const pointsAlong = (size: number): tf.Tensor1D => {
  const step = Math.fround(1 / size);
  return tf.tensor1d(Float32Array.from({ length: size }, (_, i) => -1 + 2 * i * step));
};

/**
 * Positions of some points of a grid.
 * @param points row-major indices
 * @returns [1, points, D]
 * @throws RangeError for an index outside the grid
 * Source: perceiver.py `BasicDecoder.decoder_query`.
 */
export const pointPositions = (points: Points, indexDims: readonly number[]): tf.Tensor3D => {
  const given = points instanceof tf.Tensor;
  const size = indexDims.reduce((a, b) => a * b, 1);
  if (!given || !isWithoutData()) expectPoints(given ? points.dataSync() : points, size);
  let rest = (given ? points : tf.tensor1d(Int32Array.from(points), 'int32')) as tf.Tensor1D;
  const places = [...indexDims].reverse().map((n) => {
    const place = tf.mod(rest, tf.scalar(n, 'int32'));
    rest = tf.floorDiv(rest, tf.scalar(n, 'int32'));
    return tf.gather(pointsAlong(n), place);
  });
  return tf.expandDims(tf.stack(places.reverse(), 1), 0) as tf.Tensor3D;
};

const withInputs = (encoding: tf.Tensor3D, { withoutPositions }: QueryInputs): tf.Tensor3D => {
  if (!(withoutPositions instanceof tf.Tensor)) {
    throw new ShapeError(
      'concatPreprocessedInput needs the inputs before positions were added (withoutPositions)',
    );
  }
  return tf.concat([withoutPositions as tf.Tensor3D, encoding], 2);
};

/**
 * query [B, O, C], latents [B, N, D], queryMask [B, O] to [B, O, outputChannels].
 * @throws ShapeError where queries are asked for without a position encoding, or without the inputs they need
 * Source: perceiver.py `BasicDecoder`; arXiv:2107.14795, section 3.2.
 */
export const basicDecoder = (options: BasicDecoderOptions & { readonly name?: string }) => {
  const { name = 'basic_decoder', ...rest } = basicDecoderConfig.given(options);
  const config = basicDecoderConfig.make(rest);
  const { numHeads, qkChannels, vChannels, useQueryResidual, outputIndexDims } = config;
  return module(
    name,
    (s): Decoder<tf.Tensor3D> => {
      const encode = config.position && declarePosition(s, config.position, outputIndexDims);
      return {
        decoderQuery: (batch, from = {}) => {
          if (!encode)
            throw new ShapeError('this decoder has no position encoding; its queries come from elsewhere');
          const points = from.points as Points | undefined;
          const pos = points && tf.tile(pointPositions(points, outputIndexDims), [batch, 1, 1]); // [B, points, D]
          const encoding = encode(batch, pos); // [B, O, C]
          return { query: config.concatPreprocessedInput ? withInputs(encoding, from) : encoding };
        },
        call: (query, latents, queryMask) => {
          if (!query) throw new ShapeError('this decoder needs queries');
          const mask = queryMask && crossMask(queryMask, tf.ones(latents.shape.slice(0, 2))); // [B, O, N]
          const attend = crossAttention({
            numHeads,
            qkChannels,
            vChannels,
            useQueryResidual,
            wideningFactor: 1,
            activation: config.activation,
          });
          const attended = attend(s, query, latents, mask); // [B, O, C]
          if (!config.finalProject) return attended;
          const wInit = config.outputInit === 'zeros' ? zeros : undefined;
          return linear(config.outputChannels, { wInit, name: 'output' })(s, attended) as tf.Tensor3D;
        },
      };
    },
    { kind: 'decoder', config },
  );
};
