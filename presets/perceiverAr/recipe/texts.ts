/**
 * Training of Perceiver AR on a text, byte by byte: pieces of the text to train on, blocks of bytes to judge by, and the
 * parts that the loop takes. Every sequence begins with the event `start`, as a text that is to be continued does.
 */
import { float32, type HostArray } from '../../../lib/data/array.js';
import { foldIn, type Key, randint } from '../../../lib/random/index.js';
import { type Batched, batches, type Examples, inOrder } from '../../../lib/train/data.js';
import { evaluation } from '../../../lib/train/evaluation.js';
import { mean } from '../../../lib/train/metrics.js';
import { type RecipeRun, recipeRun, type RecipeTraining } from '../../../lib/train/recipeRun.js';
import type { PerceiverArConfig } from '../network/config.js';
import type { perceiverAr } from '../preset.js';
import { numReserved, reserved } from '../run.js';
import { type ArApply, arTrainingLoss, scoresOf, shifted, zLoss } from './loss.js';
import { cropped, type Sequences } from './sequences.js';

/** The start and bytes after it, as events. */
const begun = (bytes: Uint8Array): number[] => [
  reserved.start,
  ...Array.from(bytes, (byte) => byte + numReserved),
];

/** @throws RangeError for a config of other data than bytes, without positions from data, or with latents of other kinds */
const expectBytes = (config: PerceiverArConfig): void => {
  const { numClasses, positionsFromData, positionSizes = [0], latentsPerPosition, numLatents } = config;
  if (numClasses !== 256 + numReserved || !positionsFromData || positionSizes.length !== 1)
    throw new RangeError(
      `a text takes numClasses ${256 + numReserved} and positionsFromData with one axis; found numClasses ${numClasses}, positionsFromData ${positionsFromData}, ${positionSizes.length} axes`,
    );
  if (latentsPerPosition !== 1 || numLatents < 2 || numLatents > config.contextLength)
    throw new RangeError(
      `a text takes latentsPerPosition 1, and 2 to contextLength latents; found latentsPerPosition ${latentsPerPosition}, numLatents ${numLatents}, contextLength ${config.contextLength}`,
    );
};

/**
 * Pieces of a text to train on: as many bytes as the context has places, from another place in each epoch. Each is
 * cropped behind a random place, so that latents stand for random places, never fewer than there are latents.
 * Source: perceiver-ar dataset.py `generate_crops`; the cutting of a text into pieces is ours.
 */
export const textCrops = (config: PerceiverArConfig, text: Uint8Array): Examples<Sequences> => {
  const { contextLength, numLatents } = config;
  const last = Math.max(0, text.length - contextLength);
  return {
    length: Math.max(1, Math.floor(text.length / contextLength)),
    at: (index: number, own: Key) => {
      const [offset] = randint(foldIn(own, 0), [1], 0, contextLength).data;
      const from = Math.min(index * contextLength + offset, last);
      const sequence = begun(text.subarray(from, from + contextLength));
      const least = Math.min(numLatents + 1, sequence.length);
      const [end] = randint(foldIn(own, 1), [1], least, sequence.length + 1).data;
      return cropped(config, sequence, end);
    },
  };
};

/** A block of a text: the bytes before it that fit, its own at the end, and [L] 1 for each latent whose byte is judged. */
export interface TextBlock extends Sequences {
  readonly isJudged: HostArray<'float32'>;
}

/**
 * A text in blocks that are judged: every byte once, as many at a time as there are latents, from all bytes before that
 * fit into the context.
 * @throws RangeError for a config that a text does not fit
 */
export const textBlocks = (
  config: PerceiverArConfig,
  text: Uint8Array,
): Examples<TextBlock> & { readonly at: (index: number) => TextBlock } => {
  expectBytes(config);
  const { contextLength, numLatents } = config;
  return {
    length: Math.ceil(text.length / numLatents),
    at: (index: number) => {
      const end = Math.min((index + 1) * numLatents, text.length);
      const sequence = begun(text.subarray(Math.max(0, end - contextLength), end));
      const others = numLatents - (end - index * numLatents);
      const isJudged = Float32Array.from({ length: numLatents }, (_, i) => Number(i >= others));
      return { ...cropped(config, sequence, sequence.length), isJudged: float32([numLatents], isJudged) };
    },
  };
};

/** A Perceiver AR to train on a text, and numbers of the training. */
export interface TextTraining extends RecipeTraining<ReturnType<typeof perceiverAr>> {
  readonly text: string;
  /** A text that no weights are trained on. */
  readonly heldOut: string;
}

/**
 * The parts of a training that the loop takes. Of an evaluation `bitsPerByte` is the loss on the held-out text in bits,
 * `accuracy` the share of its bytes that were the likeliest.
 * @throws RangeError for a config that a text does not fit
 * @example for await (const event of train(textTraining({ model: perceiverAr(), recipe, text, heldOut, seed: 0 }))) …
 */
export const textTraining = ({
  model,
  recipe,
  text,
  heldOut,
  seed,
  weights,
  tuning,
}: TextTraining): RecipeRun<Batched<Sequences>> => {
  const { config } = model;
  const blocks = textBlocks(config, new TextEncoder().encode(heldOut));
  const apply: ArApply = ({ params, state }, events, positions, options = {}) =>
    model.apply(params, state, options, events, positions).output;
  const evaluate = evaluation({
    data: inOrder(blocks, recipe.batchSize),
    run: (all, batch, options) => {
      const inputs = shifted(batch);
      return scoresOf(
        apply(all, inputs.events, inputs.positions, options),
        inputs,
        config,
        config.numLatents,
      );
    },
    figures: ({ losses, isRight }, { isJudged, exampleWeights }) => {
      const counts = isJudged.data.map(
        (each, i) => each * exampleWeights.data[Math.floor(i / config.numLatents)],
      );
      const weights = float32(losses.shape, counts);
      const bits = float32(
        losses.shape,
        (losses.data as Float32Array).map((nats) => nats / Math.LN2),
      );
      return { bitsPerByte: mean(bits, { weights }), accuracy: mean(isRight, { weights }) };
    },
  });
  return recipeRun({
    model,
    recipe,
    loss: arTrainingLoss(apply, config, { labelSmoothing: recipe.labelSmoothing, zLoss }),
    data: batches(textCrops(config, new TextEncoder().encode(text)), { batchSize: recipe.batchSize }),
    weights,
    tuning,
    seed,
    evaluate,
    best: { figure: 'bitsPerByte', isLower: true },
    evaluations: 5, // the text that is held out takes as long as dozens of steps
  });
};
