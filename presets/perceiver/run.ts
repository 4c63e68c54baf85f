/**
 * A cloud of points to named classes.
 */
import * as E from 'fp-ts/lib/Either.js';
import { float32 } from '../../lib/data/array.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';
import { type ClassGuess, topClasses } from '../classes.js';
import type { ModelOf, Run } from '../preset.js';
import type { PointCloudConfig, PointCloudNetwork } from './network.js';

/** Points of a surface, [x, y, z], in any unit. */
export type PointCloud = readonly (readonly [x: number, y: number, z: number])[];

type PointCloudModel = ModelOf<PointCloudConfig, PointCloudNetwork, PointCloud, readonly ClassGuess[]>;

/**
 * As many points as the model takes, evenly chosen, moved around their middle and scaled to [-1, 1]: [numPoints, 3].
 */
export const pointInput = (points: PointCloud, numPoints: number): E.Either<InputError, Float32Array> => {
  if (!Array.isArray(points as unknown)) return inputError('the points', 'no list', 'a list of [x, y, z]');
  if (points.length < numPoints) return inputError('the points', `${points.length}`, `at least ${numPoints}`);
  const wrong = points.findIndex(
    (point) => !Array.isArray(point) || point.length !== 3 || !point.every(Number.isFinite),
  );
  if (wrong >= 0) return inputError(`point ${wrong}`, JSON.stringify(points[wrong]), 'three finite numbers');
  const chosen = Array.from(
    { length: numPoints },
    (_, i) => points[Math.floor((i * points.length) / numPoints)],
  );
  const middle = [0, 1, 2].map((axis) => chosen.reduce((sum, point) => sum + point[axis], 0) / numPoints);
  const centred = chosen.flatMap((point) => point.map((value, axis) => value - middle[axis]));
  const largest = centred.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return E.right(Float32Array.from(centred, (value) => value / largest));
};

/** A cloud of points to its classes, the likeliest first. */
export const classifyPoints =
  ({ config, network }: PointCloudModel): Run<PointCloud, readonly ClassGuess[]> =>
  (runner, points) =>
  async () => {
    const input = pointInput(points, config.numPoints);
    if (E.isLeft(input)) return input;
    const logits = await runner.run(network, [float32([1, config.numPoints, 3], input.right)]);
    const { modelNetLabels } = await import('./run/labels.js');
    const labels = config.numClasses === modelNetLabels.length ? modelNetLabels : [];
    return E.right(topClasses(logits.data as Float32Array, labels, config.numClasses));
  };
