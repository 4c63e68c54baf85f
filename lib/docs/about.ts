/**
 * What people know of a model and its graph cannot tell: what it is for, how it was trained, what it reached, where
 * papers and code disagree. Texts are Markdown of one or several paragraphs.
 */

/** A statement and where it is from. */
export interface Sourced {
  readonly source?: string;
}

/** A published figure. */
export interface PublishedResult extends Sourced {
  /** What was measured: 'ImageNet, top-1'. */
  readonly what: string;
  /** The figure with its unit: '79.0 %'. */
  readonly value: string;
  /** Whose it is, where it is not this model's. */
  readonly of?: string;
}

/** One thing to know of the training; without a value it was never published. */
export interface TrainingFact extends Sourced {
  readonly what: string;
  readonly value?: string;
}

/** Where a paper, a model card or another implementation says one thing and the code does another. */
export interface Difference extends Sourced {
  /** What it is about: 'FLOPs'. */
  readonly what: string;
  /** What is said elsewhere, and where: 'Table 11: 113B'. */
  readonly said: string;
  /** What is so, and how that is known. */
  readonly found: string;
}

/** Code to copy. */
export interface Snippet {
  readonly language: 'ts' | 'python' | 'sh';
  readonly code: string;
}

/** How the published weights are loaded, by whom. */
export interface Loading {
  /** 'renga', 'the command line', 'JAX (Haiku)', 'PyTorch (transformers)'. */
  readonly by: string;
  readonly snippet: Snippet;
  /** What to know before. */
  readonly note?: string;
}

/** How a model grows with what it is given. */
export interface GrowthAxis {
  /** What is counted: 'bytes of text', 'pixels of a side'. */
  readonly what: string;
  /** Sizes to chart, the published one among them. */
  readonly sizes: readonly number[];
  readonly published: number;
  /** The config's changes at a size. */
  readonly at: (size: number) => object;
}

export interface About {
  /** The task in a few words: 'masked language modelling'. */
  readonly task: string;
  /** What it is, for somebody who has read no paper. */
  readonly summary: string;
  /** What goes in and what comes out, in a person's terms, with units and ranges. */
  readonly input: string;
  readonly output: string;
  /** Why widths are what they are, where arithmetic alone does not tell: by the number that is asked about. */
  readonly why?: Readonly<Record<string, string>>;
  readonly loading: readonly Loading[];
  /** Runs as it stands, at a size that runs in seconds; the tests execute it. */
  readonly snippet: Snippet;
  readonly results: readonly PublishedResult[];
  readonly training: readonly TrainingFact[];
  readonly differences: readonly Difference[];
  readonly uses: string;
  readonly limits: string;
  readonly license: { readonly code: string; readonly weights?: string };
  /** BibTeX. */
  readonly citation: string;
  readonly growth?: GrowthAxis;
}
