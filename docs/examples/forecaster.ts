/** Forecasts of a wave from readings at irregular times, some of them missing; trained here, in seconds. */
import * as tf from '@tensorflow/tfjs-core';
import { engine, float32, foldIn, type HostArray, key, type Scope, toTensor, transform } from 'renga';
import * as nn from 'renga/modules';
import { uniform } from 'renga/random';
import * as train from 'renga/train';

await engine();
/** Features of times [B, N], -1 to 1 the span of readings and forecasts: [B, N, 13]. */
const timed = (times: tf.Tensor) =>
  nn.fourierFeatures(tf.expandDims(times, 2), { numBands: 6, maxResolution: [12] });

/** times, values, present [B, N] and times asked for [B, Q] to forecasts [B, Q]. */
export const forecaster = (s: Scope, ...inputs: readonly tf.Tensor[]) => {
  const [times, values, present, asked] = inputs;
  const readings = tf.concat([timed(times), tf.expandDims(values, 2)], 2) as tf.Tensor3D;
  const sizes = { numLatents: 8, numLatentChannels: 32, numBlocks: 1, numSelfAttendsPerBlock: 2 };
  const encoder = s.declare(nn.encoder(sizes));
  const z = encoder(readings, encoder.latents(times.shape[0] as number), present);
  const attended = nn.crossAttention({ numHeads: 4 })(s, nn.linear(32)(s, timed(asked)), z);
  return tf.squeeze(nn.linear(1)(s, attended), [2]);
};
export const { init, apply } = transform(forecaster);

/** 16 waves of other phases and speeds: 20 readings before the time 0.5, 4 answers after it. */
export const waves = (seed: number) => {
  const drawn = (n: number, size: number, min: number, max: number): HostArray<'float32'> =>
    uniform(foldIn(key(seed), n), [16, size], { min, max });
  const [phase, speed] = [drawn(0, 1, 0, 2 * Math.PI).data, drawn(1, 1, 2, 4).data];
  const wave = ({ shape, data }: HostArray<'float32'>): HostArray<'float32'> => {
    const row = (i: number) => Math.floor(i / shape[1]);
    return float32(
      shape,
      data.map((t, i) => Math.sin(phase[row(i)] + speed[row(i)] * t)),
    );
  };
  const [times, asked] = [drawn(2, 20, -1, 0.5), drawn(3, 4, 0.5, 1)];
  const { shape, data } = drawn(4, 20, 0, 1);
  const present = float32(shape, data.map(Math.round)); // half of the readings is missing
  return { inputs: [times, wave(times), present, asked], answers: wave(asked) };
};
const loss: train.Loss<ReturnType<typeof waves>> = ({ params }, { inputs, answers }, options) =>
  train.weighted(train.l2Loss(apply(params, options, ...inputs), answers));
const step = train.trainStep(loss, train.adam(1e-2));
let state = step.init({ params: init(key(42), ...waves(0).inputs.map(toTensor)) }, key(1));
export const losses: number[] = [];
for (let n = 1; n <= 80; n++) {
  const done = step(state, waves(n));
  state = done.state;
  losses.push(done.metrics.loss.dataSync()[0]);
}
console.log(`forecasts: loss ${losses[0].toFixed(3)}, after 80 steps ${losses[79].toFixed(3)}`);

export const model = {
  card: { name: 'forecaster', title: 'Forecaster', doc: 'Readings at any times to forecasts at any times.' },
  network: forecaster,
  inputs: [{ shape: [1, 20] }, { shape: [1, 20] }, { shape: [1, 20] }, { shape: [1, 4] }],
  names: { inputs: ['times', 'values', 'present', 'asked'], output: 'forecasts' },
};
