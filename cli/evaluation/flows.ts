/**
 * Optical flow on Sintel and KITTI. Layouts: Sintel's `training/{clean,final,flow}/SCENE/frame_0001.{png,flo}`; KITTI's
 * `training/image_2/000000_10.png`, `000000_11.png` and `training/flow_occ/000000_10.png`.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { type InputError, inputError } from '../../lib/data/inputError.js';
import { type FlowField, readFlow } from '../../lib/media/flowFile.js';
import { readPicture } from '../../lib/media/readPicture.js';
import { Failure } from '../failure.js';
import type { ModelNamed } from '../load.js';
import { type EvaluatedFigure, type Evaluation, meanOf, type Named, type Row, sumOf } from './evaluation.js';

type Part = 'clean' | 'final' | 'KITTI';

/** Two pictures and the flow between them. */
interface Pair extends Named {
  readonly part: Part;
  readonly first: string;
  readonly second: string;
  readonly flow: string;
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const sorted = (folder: string, ending: RegExp): readonly string[] =>
  readdirSync(folder)
    .filter((name) => ending.test(name))
    .sort();

const sintel = (root: string): readonly Pair[] =>
  (['clean', 'final'] as const)
    .filter((part) => isFolder(join(root, part)))
    .flatMap((part) =>
      sorted(join(root, part), /^[^.]/).flatMap((scene) => {
        const frames = sorted(join(root, part, scene), /\.png$/i);
        return frames.slice(0, -1).map((frame, i) => ({
          name: `${part}/${scene}/${frame}`,
          part,
          first: join(root, part, scene, frame),
          second: join(root, part, scene, frames[i + 1]),
          flow: join(root, 'flow', scene, frame.replace(/\.png$/i, '.flo')),
        }));
      }),
    );

/** Folders of KITTI's pictures and flows: 2015 in colour, 2012 in colour and grey. */
const kittiPictures = ['image_2', 'colored_0', 'image_0'];
const kittiFlows = ['flow_occ', 'flow_noc'];

const kitti = (root: string, pictures: string, flows: string): readonly Pair[] =>
  sorted(join(root, flows), /_10\.png$/).map((name) => ({
    name,
    part: 'KITTI',
    first: join(root, pictures, name),
    second: join(root, pictures, name.replace(/_10\.png$/, '_11.png')),
    flow: join(root, flows, name),
  }));

/** The pairs of a folder: the data set's own, or its part `training`. */
const pairsOf = (folder: string): { readonly dataset: string; readonly pairs: readonly Pair[] } => {
  for (const root of [folder, join(folder, 'training')]) {
    if (isFolder(join(root, 'flow')) && (isFolder(join(root, 'clean')) || isFolder(join(root, 'final'))))
      return { dataset: 'Sintel, training', pairs: sintel(root) };
    const pictures = kittiPictures.find((name) => isFolder(join(root, name)));
    const flows = kittiFlows.find((name) => isFolder(join(root, name)));
    if (pictures !== undefined && flows !== undefined)
      return { dataset: 'KITTI, training', pairs: kitti(root, pictures, flows) };
  }
  throw new Failure(
    `${folder}: found ${existsSync(folder) ? 'other files' : 'no folder'}, expected Sintel's clean, final and flow, or KITTI's image_2 and flow_occ, in it or in its folder training`,
  );
};

/** Distances between flows where the true one is known. Source: KITTI counts those over 3 pixels and 5 % as wrong. */
const scoresOf = (found: FlowField, truth: FlowField): Row => {
  let [sum, count, wrong] = [0, 0, 0];
  for (let i = 0; i < truth.width * truth.height; i++) {
    if (truth.known?.[i] === 0) continue;
    const [x, y] = [truth.data[2 * i], truth.data[2 * i + 1]];
    const distance = Math.hypot(found.data[2 * i] - x, found.data[2 * i + 1] - y);
    sum += distance;
    count++;
    if (distance > 3 && distance > 0.05 * Math.hypot(x, y)) wrong++;
  }
  return { sum, count, wrong };
};

const overPixels = (rows: readonly Row[]): number => sumOf(rows, 'sum') / sumOf(rows, 'count');

/** Mean distance of all pixels of Sintel; of KITTI the mean over pairs of their means, as RAFT's evaluation has it. */
const figuresOf = (rows: readonly Row[]): readonly EvaluatedFigure[] => {
  const of = (part: Part): readonly Row[] =>
    rows.filter((row) => row.part === part && (row.count as number) > 0);
  const sintelFigures = (['clean', 'final'] as const)
    .filter((part) => of(part).length > 0)
    .map((part) => ({
      what: `Sintel ${part}, average end-point error`,
      value: overPixels(of(part)),
      unit: 'pixels',
    }));
  const ofKitti = of('KITTI');
  return ofKitti.length === 0
    ? sintelFigures
    : [
        ...sintelFigures,
        {
          what: 'KITTI, average end-point error',
          value: meanOf(ofKitti, ({ sum, count }) => (sum as number) / (count as number)),
          unit: 'pixels',
        },
        {
          what: 'KITTI, pixels off by more than 3 and 5 %',
          value: (100 * sumOf(ofKitti, 'wrong')) / sumOf(ofKitti, 'count'),
          unit: '%',
        },
      ];
};

const showSize = ({ width, height }: Pick<FlowField, 'width' | 'height'>): string =>
  `${width} × ${height} pixels`;

/** End-point errors on Sintel or KITTI. */
export const flowEvaluation = (model: ModelNamed<'flow'>, folder: string): Evaluation<Pair> => {
  const { dataset, pairs } = pairsOf(folder);
  return {
    dataset,
    called: 'pairs',
    examples: pairs,
    judge: async (runner, batch) => {
      const results: E.Either<InputError, Row>[] = [];
      for (const pair of batch) {
        const truth = await readFlow(pair.flow)();
        const [first, second] = [await readPicture(pair.first)(), await readPicture(pair.second)()];
        if (E.isLeft(truth)) results.push(truth);
        else if (E.isLeft(first)) results.push(first);
        else if (E.isLeft(second)) results.push(second);
        else if (truth.right.width !== first.right.width || truth.right.height !== first.right.height)
          results.push(
            inputError(pair.flow, showSize(truth.right), `${showSize(first.right)}, as ${pair.first}`),
          );
        else {
          const frames = { first: first.right, second: second.right };
          const found = await model.run(runner.weights, frames, { runner })();
          results.push(
            E.isLeft(found) ? found : E.right({ part: pair.part, ...scoresOf(found.right, truth.right) }),
          );
        }
      }
      return results;
    },
    figures: figuresOf,
  };
};
