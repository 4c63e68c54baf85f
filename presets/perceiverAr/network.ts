/**
 * Perceiver AR: latents stand for the last events of a sequence, attend to all events before them, and predict what comes
 * next, each from what was before it.
 *
 * Shapes: B batch, N inputs, L latents, P places that latents stand for, C latent channels.
 */
import * as tf from '@tensorflow/tfjs-core';
import { expectDivisible, expectShape, ShapeError } from '../../lib/data/shape.js';
import { toTensor } from '../../lib/data/leaf.js';
import { int32, type HostArray } from '../../lib/data/array.js';
import { isWithoutData } from '../../lib/engine/index.js';
import { exampleKeys } from '../../lib/language/combinators/exampleKeys.js';
import { truncatedNormal, varianceScaling, zeros } from '../../lib/language/initializers.js';
import { module } from '../../lib/language/module.js';
import type { Layer, Scope } from '../../lib/language/scope.js';
import { stopGradient } from '../../lib/language/valueAndGrad.js';
import { permutation } from '../../lib/random/index.js';
import { projection } from '../../modules/attention.js';
import { embed } from '../../modules/embed.js';
import { layerNorm } from '../../modules/layerNorm.js';
import { linear } from '../../modules/linear.js';
import { trainablePosition } from '../../modules/trainablePosition.js';
import type { ArMemory, ArMemoryKind } from '../../modules/arAttention.js';
import { type PerceiverArConfig, perceiverArConfig } from './network/config.js';
import { arCrossAttention } from '../../modules/arCrossAttention.js';
import { arActivations } from '../../modules/arDense.js';
import { arSelfAttention } from '../../modules/arSelfAttention.js';
import { causalMasks, lastSteps, type Masks, rowsAt, withDroppedInputs } from '../../modules/causalMasks.js';
import { fromTheEnd, tables } from './network/positions.js';

/** Options of one call. */
export interface PerceiverArCall {
  /** Number of latents, the config's if not given. With one there are no masks: it stands for the array's last place. */
  readonly numLatents?: number;
  /** Keys and values to be remembered; with `before`, those of the calls so far, in the order of the layers. */
  readonly memory?: { readonly kind: ArMemoryKind; readonly before?: readonly ArMemory[] | undefined };
}

export interface PerceiverArOutputs {
  /** [B, P, numClasses] */
  readonly logits: tf.Tensor3D;
  /** The place of the last event that each of them has seen, [B, P] int32; -1 for those that stand for nothing. */
  readonly lastSteps: tf.Tensor2D;
  readonly masks: Masks;
  /** The memory of each layer after the call; undefined unless memory was asked for. */
  readonly memory: readonly ArMemory[];
}

/** The layers that latents run through, in order. */
const declareLayers = (s: Scope, config: PerceiverArConfig) => {
  const { position, fractionToRotate, fractionHeadsToRotate, dropoutRate, activation } = config;
  const maxWavelength = config.maxWavelength + (config.offsetQueries ? 1 : 0);
  const shared = {
    position,
    fractionToRotate,
    fractionHeadsToRotate,
    maxWavelength,
    dropoutRate,
    activation,
  };
  const cross = () => ({
    sees: 'inputs' as const,
    attend: s.declare(
      arCrossAttention({
        ...shared,
        numHeads: config.numCrossAttendHeads,
        wideningFactor: config.crossAttendWideningFactor,
        widthFrom: config.widthFrom,
        useQueryResidual: config.useQueryResidual,
        headGroupSize: config.headGroupSize,
        chunked: config.chunked,
        queryChunkSize: config.queryChunkSize,
        keyChunkSize: config.keyChunkSize,
      }),
    ),
  });
  const self = () => ({
    sees: 'latents' as const,
    attend: s.declare(
      arSelfAttention({
        ...shared,
        numHeads: config.numSelfAttendHeads,
        wideningFactor: config.selfAttendWideningFactor,
      }),
    ),
  });
  return {
    first: config.initialCrossAttend ? [cross()] : [],
    rest: () =>
      Array.from({ length: config.numLayers }, (_, i) =>
        config.crossAttendAfter.includes(i) ? [self(), cross()] : [self()],
      ).flat(),
  };
};

/** The inputs that the latents attend to. */
interface Inputs {
  readonly events: tf.Tensor;
  readonly embedded: tf.Tensor;
  readonly positions: tf.Tensor | undefined;
  readonly mask: tf.Tensor | undefined;
}

/** An order of some random places of each example, [B, count] int32, those of padding at the end. */
const randomPlaces = (s: Scope, events: tf.Tensor, count: number): tf.Tensor => {
  const [B, N] = events.shape as [number, number];
  const keys = exampleKeys(s, B);
  if (isWithoutData()) return tf.zeros([B, count], 'int32');
  const values = events.dataSync();
  const places = keys.flatMap(([key], b) => {
    const chosen = [...permutation(key(), N).data].slice(0, count);
    const isPadding = (place: number) => values[b * N + place] === 0;
    return [...chosen.filter((place) => !isPadding(place)), ...chosen.filter(isPadding)];
  });
  return toTensor(int32([B, count], places) as HostArray);
};

/** The inputs that latents see in training. Source: `_select_random_input_positions`, encoder dropout. */
const inTraining = (s: Scope, inputs: Inputs, config: PerceiverArConfig): Inputs => {
  const chosen = config.trainInputs > 0 ? chosenInputs(s, inputs, config.trainInputs) : inputs;
  const [B, N] = chosen.embedded.shape as [number, number];
  const dropout = { rate: config.encoderDropoutRate, key: s.key() };
  return { ...chosen, mask: withDroppedInputs(chosen.mask, [B, N], dropout) };
};

const chosenInputs = (s: Scope, { events, embedded, positions, mask }: Inputs, count: number): Inputs => {
  const places = randomPlaces(s, events, count);
  const byInput = mask && tf.transpose(tf.squeeze(mask, [1]), [0, 2, 1]); // [B, N, L]
  return {
    events: rowsAt(events, places),
    embedded: rowsAt(embedded, places),
    positions: positions && rowsAt(positions, places),
    mask: byInput && tf.expandDims(tf.transpose(rowsAt(byInput, places), [0, 2, 1]), 1),
  };
};

/** Each row r times in a row: [B, P, …] to [B, P · r, …]. */
const repeated = (x: tf.Tensor, times: number): tf.Tensor => {
  if (times === 1) return x;
  const [B, P, ...rest] = x.shape;
  const tiled = tf.tile(tf.expandDims(x, 2), [1, 1, times, ...rest.map(() => 1)]);
  return tf.reshape(tiled, [B, P * times, ...rest]);
};

/**
 * The model: events [B, N] int32, 0 = padding at the end, and positions [B, N, axes] int32 where the config has them from
 * data, to logits, one for each place that latents stand for.
 * @throws ShapeError when there are fewer inputs than latents; ConfigError for what the original refuses
 * Source: perceiver_ar_model.py `PerceiverAR`; arXiv:2202.07765.
 */
export const perceiverAr = (options: Parameters<typeof perceiverArConfig.make>[0]) => {
  const config = perceiverArConfig.make(options);
  const { numClasses, latentChannels: C, embedChannels, latentsPerPosition, position } = config;
  return module(
    'perceiver_ar',
    (s) => {
      const isMlp = config.query === 'mlp';
      const queryLayers = isMlp
        ? Array.from({ length: config.queryLayers }, () => s.declare(projection(C)))
        : [];
      const learnedRows = config.shareLearnedQuery ? 1 : config.numLatents;
      const learned =
        config.query === 'learned'
          ? s.param('q_embed_learned', [learnedRows, C], truncatedNormal({ stddev: 0.02 }))
          : undefined;
      const embedding = s.declare(embed({ vocabSize: numClasses, numChannels: embedChannels }));
      const positionSizes = position === 'absolute' ? (config.positionSizes ?? [config.contextLength]) : [];
      const positionTables = positionSizes.map((vocabSize) =>
        s.declare(embed({ vocabSize, numChannels: embedChannels, wInit: tables[config.positionTable] })),
      );
      const layers = declareLayers(s, config);
      const toLatents = s.declare(projection(C));
      const latentPosition =
        latentsPerPosition > 1
          ? s.declare(
              trainablePosition(latentsPerPosition, {
                name: 'z_pos_enc',
                numChannels: C,
                initScale: config.latentInitScale,
              }),
            )
          : undefined;
      const all = [...layers.first, ...layers.rest()];
      const wInit = config.zeroLogits ? zeros : varianceScaling();
      const toLogits = s.declare(linear(numClasses, { name: 'logits', wInit }));

      /** Absolute positions, [B, N, embedChannels]. */
      const embeddedPositions = (events: tf.Tensor, given: tf.Tensor | undefined): tf.Tensor => {
        const axes = given ? tf.unstack(given, 2) : [tf.cast(fromTheEnd(events), 'int32')];
        const sum = axes
          .map((places, axis) => positionTables[axis](places))
          .reduce((before, own) => tf.add(before, own));
        return config.learnPositions ? sum : stopGradient(sum);
      };

      const rotaryPositions = (events: tf.Tensor, given: tf.Tensor | undefined): tf.Tensor => {
        if (!given) return config.negativePositions ? tf.neg(fromTheEnd(events)) : fromTheEnd(events);
        expectShape('positions', given.shape, ['B', 'N', 1]);
        return tf.squeeze(given, [2]);
      };

      /** The latents before they attend to anything, [B, L, C]. */
      const firstLatents = (embedded: tf.Tensor, steps: tf.Tensor): tf.Tensor => {
        const [B, P] = steps.shape as [number, number];
        const begun = learned
          ? tf.tile(tf.expandDims(learned, 0), [B, config.shareLearnedQuery ? P * latentsPerPosition : 1, 1])
          : toLatents(rowsAt(embedded, steps));
        const each = learned ? begun : repeated(begun, latentsPerPosition);
        const placed = latentPosition ? tf.add(each, tf.tile(latentPosition(B), [1, P, 1])) : each;
        return queryLayers.reduce((x, layer) => arActivations[config.queryActivation](layer(x)), placed);
      };

      return (events: tf.Tensor, given?: tf.Tensor, call: PerceiverArCall = {}): PerceiverArOutputs => {
        const { B, N } = expectShape('events', events.shape, ['B', 'N']);
        const { numLatents: L = config.numLatents, memory } = call;
        expectDivisible('numLatents', L, latentsPerPosition, 'latentsPerPosition');
        if (N < L) throw new ShapeError(`there are ${N} inputs for ${L} latents, expected as many or more`);
        if (config.positionsFromData) expectShape('positions', given?.shape ?? [], [B, N, 'axes']);
        else if (memory?.before)
          throw new Error('memory without positions from data, expected positionsFromData');
        if (memory && s.isTraining) throw new Error('memory in training, expected none');
        const positionsGiven = config.positionsFromData ? given : undefined;

        const isOne = L === 1;
        const places = tf.tidy(() =>
          isOne
            ? tf.add(tf.mul(0, tf.cast(tf.slice(events, [0, N - 1], [-1, 1]), 'float32')), N - 1)
            : lastSteps(events, L / latentsPerPosition),
        ); // [B, P]
        const maskKey = isOne ? undefined : s.key();
        const dropout =
          s.isTraining && maskKey ? { rate: config.latentDropoutRate, key: maskKey } : undefined;
        const masks: Masks = isOne ? {} : causalMasks(events, repeated(places, latentsPerPosition), dropout);

        const isAbsolute = position === 'absolute';
        const placed = isAbsolute ? embeddedPositions(events, positionsGiven) : undefined;
        const positions = isAbsolute ? undefined : rotaryPositions(events, positionsGiven);
        const tokens = embedding(events);
        const embedded = placed ? tf.add(tokens, placed) : tokens; // [B, N, embedChannels]
        const own = positions && rowsAt(positions, places);
        const latentPositions = own && config.offsetQueries ? tf.add(own, 1) : own;

        let z = firstLatents(embedded, places);
        const whole: Inputs = { events, embedded, positions, mask: masks.encoder };
        const seen = s.isTraining ? inTraining(s, whole, config) : whole;
        const after: ArMemory[] = [];
        all.forEach(({ sees, attend }, i) => {
          const remember = memory && { kind: memory.kind, before: memory.before?.[i] };
          const asked = { queryPositions: latentPositions, memory: remember };
          const done =
            sees === 'inputs'
              ? attend(z, seen.embedded, { ...asked, mask: seen.mask, keyPositions: seen.positions })
              : attend(z, { ...asked, mask: masks.processor, keyPositions: latentPositions });
          z = done.output;
          if (done.memory) after.push(done.memory);
        });

        const normed = layerNorm()(s, z);
        const pooled =
          latentsPerPosition > 1
            ? tf.mean(tf.reshape(normed, [B, L / latentsPerPosition, latentsPerPosition, C]), 2)
            : normed;
        return {
          logits: toLogits(pooled) as tf.Tensor3D,
          lastSteps: tf.cast(places, 'int32') as tf.Tensor2D,
          masks: { ...masks, ...(seen.mask && { encoder: seen.mask }) },
          memory: after,
        };
      };
    },
    { kind: 'model', config },
  );
};

/** events [B, N] and positions [B, N, axes], both int32, to logits [B, P, numClasses]. */
export type PerceiverArNetwork = Layer<[events: tf.Tensor, positions: tf.Tensor], tf.Tensor3D>;

/** The model as a layer from events and positions to logits. */
export const perceiverArNetwork = (config: PerceiverArConfig): PerceiverArNetwork => {
  const model = perceiverAr(config);
  return (s, events, positions) => model(s, events, positions).logits;
};
