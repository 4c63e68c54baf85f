/** The library's aims, as ratios of rows of one run, and its results. */
import type { Row } from './work.js';

export interface Target {
  readonly what: string;
  readonly atLeast: number;
  /** The worst of the rows that it is about; null where none were measured. */
  readonly measured: number | null;
  /** The row that measured the worst. */
  readonly where: string;
}

interface Found {
  readonly ratio: number;
  readonly where: string;
}

const library = 'renga';
const own = 'product, ImageNet latents: 512 × 1024 × 1024';

const secondsOf = (rows: readonly Row[], work: string, engine: string, threads: number): number | undefined =>
  rows.find((row) => row.work === work && row.engine === engine && row.threads === threads)?.seconds;

/** The library with the most threads that it was measured with. */
const mostThreads = (rows: readonly Row[]): number =>
  Math.max(1, ...rows.filter(({ engine }) => engine === library).map(({ threads }) => threads));

const worst = (what: string, atLeast: number, found: readonly Found[]): Target => {
  const [lowest] = [...found].sort((a, b) => a.ratio - b.ratio);
  return { what, atLeast, measured: lowest?.ratio ?? null, where: lowest?.where ?? 'not measured' };
};

/** The time of another engine over the time of ours, row by row. */
const against = (
  rows: readonly Row[],
  isOne: (row: Row) => boolean,
  ours: string,
  theirs: string,
  theirThreads: (threads: number) => number = (threads) => threads,
): readonly Found[] =>
  rows
    .filter((row) => row.engine === ours && isOne(row))
    .flatMap(({ work, threads, seconds }) => {
      const other = secondsOf(rows, work, theirs, theirThreads(threads));
      return other === undefined ? [] : [{ ratio: other / seconds, where: `${work}, threads: ${threads}` }];
    });

/** Every target, with what these rows say of it. */
export const targetsOf = (rows: readonly Row[]): readonly Target[] => {
  const most = mostThreads(rows);
  const isModel = ({ group }: Row): boolean => group === 'model';
  const named =
    (name: RegExp) =>
    (row: Row): boolean =>
      isModel(row) && row.threads === most && name.test(row.work);
  const overBaseline = (isOne: (row: Row) => boolean) => against(rows, isOne, library, 'baseline', () => 1);
  const product = rows.find((row) => row.work === own && row.engine === library && row.threads === most);
  const overProduct = rows.flatMap(({ work, engine, threads, gflops, group }) =>
    group === 'model' && engine === library && threads === most && gflops && product?.gflops
      ? [{ ratio: gflops / product.gflops, where: work }]
      : [],
  );
  const threaded = rows.flatMap(({ work, engine, threads, seconds, group }) => {
    const one = secondsOf(rows, work, library, 1);
    return group === 'model' && engine === library && threads === 2 && one
      ? [{ ratio: one / seconds, where: work }]
      : [];
  });
  const jax = rows.find(({ engine }) => engine === 'jax, compiling');
  const drawn = rows.flatMap(({ work, engine, threads, seconds }) =>
    work === jax?.work && engine === library && threads === most
      ? [{ ratio: jax.seconds / seconds, where: work }]
      : [],
  );
  const wide = 'renga on Node 24 with its flag';
  return [
    worst('language, against the baseline', 6, overBaseline(named(/^language/))),
    worst('the ImageNet models, against the baseline', 8, overBaseline(named(/^ImageNet/))),
    worst('multimodal chunk, against the baseline', 15, overBaseline(named(/^multimodal/))),
    worst('flow, against the baseline', 20, overBaseline(named(/^flow/))),
    worst(`any model: GFLOP/s against the library's own ${own}`, 0.75, overProduct),
    worst('any model, against jax-js', 1.5, against(rows, isModel, library, 'jax-js')),
    worst('any model, against onnxruntime-web', 1.5, against(rows, isModel, library, 'onnxruntime-web')),
    worst('any model, against onnxruntime-node', 0.5, against(rows, isModel, library, 'onnxruntime-node')),
    worst(
      'any model on Node 24 with its flag, against onnxruntime-node on it',
      0.75,
      against(rows, isModel, wide, 'onnxruntime-node on Node 24'),
    ),
    worst(
      'training step, against the baseline',
      8,
      overBaseline(({ group, threads }) => group === 'training' && threads === most),
    ),
    worst('any model, two threads against one', 1.7, threaded),
    worst('initialising the language model by seed, against JAX with its compilation', 2, drawn),
    worst(
      'any kernel, against stock',
      1,
      overBaseline(({ group, threads }) => group === 'kernel' && threads === most),
    ),
  ];
};
