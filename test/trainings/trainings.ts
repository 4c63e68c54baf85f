/**
 * The trainings of docs/training with the figures that they are to reach. The commands are those of that page; the
 * figures are those of their last evaluations, on examples that no weights were trained on or chosen by.
 */

/** Figures by name. */
export type Figures = Readonly<Record<string, number>>;

/** The evaluations of a run, from the first to the last. */
export type Evaluations = readonly Figures[];

/** A figure beside its aim, in words, and whether the aim is reached. */
export interface Verdict {
  readonly found: string;
  readonly isReached: boolean;
}

export interface Training {
  readonly name: string;
  /** The arguments of `renga` but for seed and folder; `text` is a file with the README and the guides. */
  readonly command: (text: string) => readonly string[];
  readonly seeds: readonly number[];
  readonly aim: string;
  /**
   * Judges the runs, one for each seed.
   * @param blockMatching  the end-point error of block matching on the held-out pairs, which takes a moment
   */
  readonly judge: (runs: readonly Evaluations[], blockMatching: () => Promise<number>) => Promise<Verdict>;
}

const last = (run: Evaluations): Figures => run[run.length - 1] ?? {};

/** A figure in the last evaluation; NaN, which reaches no aim, where it is missing. */
const figure = (run: Evaluations, name: string): number => last(run)[name] ?? NaN;

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** Judges the mean of the runs' accuracies, and the least of them. */
const accuracies =
  (mean: number, least: number): Training['judge'] =>
  async (runs) => {
    const found = runs.map((run) => figure(run, 'accuracy'));
    const ownMean = found.reduce((sum, each) => sum + each, 0) / found.length;
    return {
      found: `${found.map(percent).join(', ')}; the mean is ${percent(ownMean)}`,
      isReached: ownMean >= mean && found.every((each) => each >= least),
    };
  };

/** Judges shares of the last evaluation of one run. */
const shares =
  (aims: Figures): Training['judge'] =>
  async ([run]) => ({
    found: Object.keys(aims)
      .map((name) => `${name} ${percent(figure(run, name))}`)
      .join(', '),
    isReached: Object.entries(aims).every(([name, aim]) => figure(run, name) >= aim),
  });

const motion: Training['judge'] = async ([run], blockMatching) => {
  const [error, without] = [figure(run, 'endPointError'), figure(run, 'withoutMotion')];
  const matching = await blockMatching();
  return {
    found: `${error.toFixed(4)} pixels; no motion ${without.toFixed(4)}, block matching ${matching.toFixed(4)}`,
    isReached: error < without / 4 && error < matching,
  };
};

const falls: Training['judge'] = async ([run]) => {
  const [before, after] = [run[0]?.loss ?? NaN, figure(run, 'loss')];
  return { found: `${before.toFixed(3)}, then ${after.toFixed(3)}`, isReached: after < before };
};

const two = ['--threads', '2'];
const compiled = ['--engine', 'onnxruntime'];
const copy = ['--config', 'docs/training/copy/config.json', '--recipe', 'docs/training/copy/recipe.json'];

/** The trainings, the quickest first. */
export const trainings: readonly Training[] = [
  {
    name: 'even-odd',
    command: () => ['finetune', 'digits', ...two],
    seeds: [0, 1, 2],
    aim: 'the mean of three seeds at least 98 % of the held-out digits',
    judge: accuracies(0.98, 0),
  },
  {
    name: 'digit-tones',
    command: () => ['train', 'digit-tones', ...compiled, ...two],
    seeds: [0],
    aim: '95 % from the picture alone, 90 % from the tone alone',
    judge: shares({ fromPicture: 0.95, fromSound: 0.9 }),
  },
  {
    name: 'digits',
    command: () => ['train', 'digits', ...two],
    seeds: [0, 1, 2],
    aim: 'the mean of three seeds at least 97.5 % of the held-out digits, none under 96.5 %',
    judge: accuracies(0.975, 0.965),
  },
  {
    name: 'words',
    command: (text) => ['finetune', 'words', '--data', text, '--steps', '600', ...two],
    seeds: [0],
    aim: 'the loss of held-out text falls',
    judge: falls,
  },
  {
    name: 'copying',
    command: () => ['train', 'perceiver-ar', ...copy, ...two],
    seeds: [0],
    aim: '99 % of the sequences without a fault',
    judge: shares({ solved: 0.99 }),
  },
  {
    name: 'motion',
    command: () => ['train', 'motion', ...compiled, ...two],
    seeds: [0],
    aim: 'under a quarter of the error of no motion, and under that of block matching',
    judge: motion,
  },
];
