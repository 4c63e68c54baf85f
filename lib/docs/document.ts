/**
 * A model's documentation as data: all that its page shows, as plain JSON, which every format is drawn from.
 */
import type { Shape } from '../data/array.js';
import type { Memory, ModuleSummary } from '../graph/summary.js';
import type { About } from './about.js';

/** An input or output with its name; a name in the place of a size stands for any size. */
export interface Port {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  readonly dtype: string;
  /** True for an input that may be left out. */
  readonly isOptional?: boolean;
}

/** A size, and what it is made of. */
export type Arithmetic =
  | { readonly kind: 'size'; readonly size: number; readonly what: string }
  | {
      readonly kind: 'sum' | 'product';
      readonly size: number;
      readonly what?: string;
      readonly of: readonly Arithmetic[];
    };

/** One width or length of a model, explained. */
export interface Width {
  /** The place in the model: 'inputs of perceiver_encoder/~/cross_attention'. */
  readonly where: string;
  /** The axis: 'width' is the last one, 'length' the one before. */
  readonly axis: 'length' | 'width';
  readonly arithmetic: Arithmetic;
  /** The reason, if the model's authors gave one. */
  readonly why?: string;
  /** Reasons for the sizes that this one is made of, unless another width has that size. */
  readonly parts?: readonly { readonly size: number; readonly why: string }[];
}

/** A box of a diagram. */
export interface Block {
  readonly id: string;
  readonly kind: 'input' | 'module' | 'operation' | 'output';
  /** The text on the box: `cross_attention`, `+`, `concat`. */
  readonly label: string;
  /** The module's path, or the first of several. */
  readonly path?: string;
  /** The group that it is drawn in. */
  readonly group?: string;
  /** Number of such modules one after the other, each with weights of its own. */
  readonly count: number;
  /** Number of times that it runs with the same weights. */
  readonly repeats: number;
  /** The kind of attention inside: over other inputs, or over its own; undefined without attention. */
  readonly attention?: 'cross' | 'self';
  /** True for a box from which nothing flows to an output. */
  readonly isUnused?: boolean;
  /** Of all in it. */
  readonly parameters: number;
  readonly flops: number;
}

/** A module whose inside is shown. */
export interface BlockGroup {
  readonly id: string;
  readonly label: string;
  readonly path: string;
  readonly group?: string;
  /** As of a block. */
  readonly count: number;
  readonly repeats: number;
}

/** A value that flows from one box to another. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Of one example: without the batch. */
  readonly shape: Shape;
  /** A tensor, or weights that two modules share. */
  readonly kind: 'data' | 'weights';
  /** True for an arrow to an unused box. */
  readonly isUnused?: boolean;
  /** The role of the value in an attention layer. */
  readonly as?: 'queries' | 'keys' | 'values' | 'keys and values' | 'mask';
}

/** A diagram at one level of detail; boxes come in the order in which they run. */
export interface View {
  /** 1 shows the outermost modules, 2 what is in them, and so on. */
  readonly depth: number;
  readonly blocks: readonly Block[];
  readonly groups: readonly BlockGroup[];
  readonly arrows: readonly Arrow[];
}

/** A leaf of the parameter tree. */
export interface LeafDoc {
  readonly module: string;
  readonly leaf: string;
  readonly shape: Shape;
  /** The initialiser: 'truncatedNormal, stddev 0.02'. */
  readonly initializer: string;
  readonly count: number;
  /** Of all parameters, from 0 to 1. */
  readonly share: number;
}

/** A model's cost at one size of its input. */
export interface GrowthPoint {
  readonly size: number;
  /** Elements that it attends to. */
  readonly length: number;
  readonly flops: number;
  /** Most bytes of intermediate tensors at once. */
  readonly bytes: number;
  /** The cost of the model's own latent layers if they attended to all elements themselves, as a Transformer's do. */
  readonly transformer: { readonly flops: number; readonly bytes: number };
}

export interface Growth {
  readonly what: string;
  readonly published: number;
  readonly points: readonly GrowthPoint[];
}

/** A field of a config. */
export interface FieldDoc {
  /** 'encoder.numLatents' */
  readonly path: string;
  readonly type: string;
  readonly presence: 'required' | 'optional' | 'default';
  /** As JSON; none where it has none. */
  readonly default?: unknown;
  /** This model's, as JSON; none where it is left out. */
  readonly value?: unknown;
  readonly meaning: string;
  readonly source?: string;
}

/** An output that the model really gave, in HTML and in Markdown. */
export interface Example {
  readonly title: string;
  readonly html: string;
  readonly markdown: string;
}

export interface ModelDocument {
  readonly name: string;
  readonly title: string;
  readonly doc: string;
  readonly sources: readonly string[];
  readonly notes: readonly string[];
  /** The address of its published weights, or none; 'in the package' for those that come along. */
  readonly checkpoint?: { readonly url: string; readonly license: string };
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly parameters: number;
  /** Multiplications and additions counted apart, for one example. */
  readonly flops: number;
  readonly bytes: Memory;
  readonly views: readonly View[];
  readonly widths: readonly Width[];
  readonly modules: readonly ModuleSummary[];
  readonly leaves: readonly LeafDoc[];
  readonly growth?: Growth;
  readonly fields: readonly FieldDoc[];
  /** The config whole, as JSON. */
  readonly config?: unknown;
  readonly about?: Omit<About, 'growth'>;
  readonly examples: readonly Example[];
}
