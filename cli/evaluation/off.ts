/** Meshes in OFF, the Object File Format of ModelNet40, and points of their surfaces. */
import * as E from 'fp-ts/lib/Either.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';
import { type Key, split, uniform } from '../../lib/random/index.js';
import type { PointCloud } from '../../presets/perceiver/run.js';

type Point = PointCloud[number];

/** A mesh of triangles, three points each. */
export type Mesh = readonly (readonly [Point, Point, Point])[];

/**
 * The triangles of a mesh; a face with more corners is a fan of them. ModelNet40 has files whose first line is `OFF` and
 * the counts without a space between them.
 * @returns a left for a text that is no OFF, or breaks off
 */
export const parseOff = (where: string, text: string): E.Either<InputError, Mesh> => {
  const words = text.replace(/#.*/g, '').trim().split(/\s+/);
  const expected = 'a mesh in OFF: numbers of corners and faces, corners, faces';
  if (!words[0].startsWith('OFF')) return inputError(where, `'${words[0].slice(0, 20)}'`, expected);
  const numbers = [words[0].slice(3), ...words.slice(1)].filter((word) => word !== '').map(Number);
  const [numCorners = NaN, numFaces = NaN] = numbers;
  const corner = (index: number): Point =>
    [0, 1, 2].map((axis) => (index < numCorners ? numbers[3 + 3 * index + axis] : NaN)) as unknown as Point;
  const triangles: (readonly [Point, Point, Point])[] = [];
  let [at, faces] = [3 + 3 * numCorners, 0];
  for (; faces < numFaces && at < numbers.length; faces++) {
    const corners = numbers.slice(at + 1, at + 1 + numbers[at]).map(corner);
    for (let i = 2; i < corners.length; i++) triangles.push([corners[0], corners[i - 1], corners[i]]);
    at += 1 + numbers[at];
  }
  const isWhole = triangles.length > 0 && faces === numFaces && at <= numbers.length;
  return isWhole && triangles.every((triangle) => triangle.flat().every(Number.isFinite))
    ? E.right(triangles)
    : inputError(where, 'a mesh that breaks off, or has no face', expected);
};

const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];

const areaOf = ([a, b, c]: Mesh[number]): number => {
  const [u, v] = [minus(b, a), minus(c, a)];
  return Math.hypot(u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]) / 2;
};

/** The first of rising numbers that is above a value; the last one if none is. */
const firstAbove = (rising: readonly number[], value: number): number => {
  let [low, high] = [0, rising.length - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (rising[middle] > value) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** Points that lie evenly on a mesh's surface, drawn by a key. */
export const surfacePoints = (mesh: Mesh, count: number, drawn: Key): PointCloud => {
  const ends: number[] = [];
  for (const triangle of mesh) ends.push((ends.at(-1) ?? 0) + areaOf(triangle));
  const [first, second] = split(drawn);
  const places = uniform(first, [count]).data;
  const weights = uniform(second, [count, 2]).data;
  return Array.from({ length: count }, (_, i) => {
    const place = places[i] * ends[ends.length - 1];
    const [a, b, c] = mesh[firstAbove(ends, place)];
    const root = Math.sqrt(weights[2 * i]);
    const [u, v] = [root * (1 - weights[2 * i + 1]), root * weights[2 * i + 1]];
    return [0, 1, 2].map((axis) => (1 - root) * a[axis] + u * b[axis] + v * c[axis]) as unknown as Point;
  });
};
