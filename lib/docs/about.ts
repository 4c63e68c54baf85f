/**
 * A model's background, which neither its config nor its graph tells: purpose, training, published results,
 * differences between papers and code. Texts are Markdown of one or several paragraphs.
 */

/** A statement and where it is from. */
export interface Sourced {
  readonly source?: string;
}

/** A published figure. */
export interface PublishedResult extends Sourced {
  /** The measure: 'ImageNet, top-1'. */
  readonly what: string;
  /** The figure with its unit: '79.0 %'. */
  readonly value: string;
  /** The model that the figure belongs to, if it is another one. */
  readonly of?: string;
}

/** One thing to know of the training; without a value it was never published. */
export interface TrainingFact extends Sourced {
  readonly what: string;
  readonly value?: string;
}

/** A contradiction between a paper, a model card or another implementation and the code. */
export interface Difference extends Sourced {
  /** The subject: 'FLOPs'. */
  readonly what: string;
  /** The statement and its source: 'Table 11: 113B'. */
  readonly said: string;
  /** The fact, and the evidence for it. */
  readonly found: string;
}

/** Code to copy. */
export interface Snippet {
  readonly language: 'ts' | 'python' | 'sh';
  readonly code: string;
}

/** A way to load the published weights. */
export interface Loading {
  /** 'renga', 'the command line', 'JAX (Haiku)', 'PyTorch (transformers)'. */
  readonly by: string;
  readonly snippet: Snippet;
  /** A remark above the code. */
  readonly note?: string;
}

/** The size of the input along which a model's cost is charted. */
export interface GrowthAxis {
  /** The unit of the sizes: 'bytes of text', 'pixels of a side'. */
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
  /** A description for readers who have read no paper. */
  readonly summary: string;
  /** Inputs and outputs in a person's terms, with units and ranges. */
  readonly input: string;
  readonly output: string;
  /** Reasons for widths that arithmetic alone does not explain, by the width's number. */
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
