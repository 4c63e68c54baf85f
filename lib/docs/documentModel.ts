/**
 * From a model to its documentation: everything that is read off its config, its outline and its trace, and what people
 * know beside it.
 */
import type * as t from 'io-ts';
import type { OpenSpecOf } from '../graph/openSizes.js';
import { inputNames, namer, type Names, partName } from '../graph/names.js';
import { summarizeTrace } from '../graph/summary.js';
import { traceAsIs } from '../graph/trace.js';
import { type ArraySpec, mapNest, type SpecOf } from '../data/nest.js';
import { isSpec } from '../language/outline.js';
import type { Layer } from '../language/scope.js';
import type { About, GrowthAxis } from './about.js';
import type { Example, Growth, ModelDocument, Port } from './document.js';
import type { Drawing } from './draw.js';
import { fieldsOf } from './fields.js';
import { growthPoint } from './growth.js';
import { leavesOf } from './leaves.js';
import { drawings } from './views.js';
import { widthsOf } from './widths.js';

/** A model's name and sources; a preset's card has every field. */
export interface Card {
  readonly name: string;
  readonly title?: string;
  /** Inputs and outputs in a sentence or two. */
  readonly doc?: string;
  readonly sources?: readonly string[];
  readonly notes?: readonly string[];
  readonly checkpoint?: { readonly url: URL; readonly license: string };
}

/** A network and the shapes that it is called with. */
export interface Sized<A extends readonly unknown[], B> {
  readonly network: Layer<A, B>;
  /** Shapes of the inputs for a batch of one. */
  readonly inputs: SpecOf<A>;
}

/** A model to document: a preset's model with its card, or anything that has a layer and shapes to call it with. */
export interface Subject<A extends readonly unknown[], B> extends Sized<A, B> {
  readonly card: Card;
  /** The same shapes with names in the places of sizes that may differ. */
  readonly openInputs?: OpenSpecOf<A>;
  readonly names?: Names;
  readonly config?: unknown;
  /** The config's codec, which holds the meaning of each field. */
  readonly codec?: t.Any;
  readonly about?: Omit<About, 'growth'> & { readonly growth?: Growing };
  /** Outputs that it really gave. */
  readonly examples?: readonly Example[];
}

/** A growth axis with the model at each of its sizes. */
export interface Growing extends Omit<GrowthAxis, 'at'> {
  // Any model will do: it is only traced.
  readonly at: (size: number) => Sized<never, unknown>;
}

type AnySized = Sized<readonly unknown[], unknown>;

const portsOf = (specs: readonly unknown[], roots: readonly string[], otherwise: string): readonly Port[] => {
  const unique = namer();
  const ports: Port[] = [];
  specs.forEach((spec, i) =>
    mapNest(spec, isSpec, ({ shape, dtype = 'float32' }: ArraySpec, path) => {
      const name = unique(partName(roots[i] ?? otherwise, path) || otherwise);
      ports.push({ name, shape, dtype });
    }),
  );
  return ports;
};

/** The inputs, with names in the places of open sizes; inputs that only the open shapes have are optional. */
const inputPorts = (
  inputs: readonly unknown[],
  open: readonly unknown[] = inputs,
  roots: readonly string[] = [],
): readonly Port[] => {
  const needed = new Set(portsOf(inputs, roots, 'input').map(({ name }) => name));
  return portsOf(open, roots, 'input').map((port) =>
    needed.has(port.name) ? port : { ...port, isOptional: true },
  );
};

/** Outputs of a batch of one, with the batch open where that of the inputs is. */
const ofAnyBatch = (outputs: readonly Port[], [input]: readonly Port[]): readonly Port[] =>
  outputs.map((port) => {
    const [first, ...rest] = port.shape;
    const isBatch = typeof input?.shape[0] === 'string' && first === 1;
    return isBatch ? { ...port, shape: [input.shape[0], ...rest] } : port;
  });

/** The growth of a model; at the published size it is the model that is traced already. */
const growthOf = (
  growing: Growing,
  traced: ReturnType<typeof traceAsIs>,
  drawn: readonly Drawing[],
): Growth | undefined => {
  const { what, published, sizes, at } = growing;
  const points = sizes.flatMap((size) => {
    if (size === published) return growthPoint(size, traced.trace, traced.peakBytes, drawn) ?? [];
    const { network, inputs } = at(size) as unknown as AnySized;
    const { trace, peakBytes } = traceAsIs(network, inputs);
    return growthPoint(size, trace, peakBytes, drawings(trace)) ?? [];
  });
  return points.length > 1 ? { what, published, points } : undefined;
};

/**
 * Documents a model. Nothing is computed but shapes; no engine has to run.
 * @throws what `trace` throws: TypeError where the network gives no tensor, ShapeError where shapes do not fit, NoDataError where a layer reads values
 * @example documentModel({ card: { name: 'mine' }, network: linear(3), inputs: [{ shape: [1, 6] }] }).parameters // 21
 */
export const documentModel = <A extends readonly unknown[], B>(subject: Subject<A, B>): ModelDocument => {
  const { card, config, codec, examples = [] } = subject;
  const { network, inputs } = subject as unknown as AnySized;
  const names: Names = {
    ...subject.names,
    inputs: subject.names?.inputs ?? inputNames(network, inputs.length),
  };
  const traced = traceAsIs(network, inputs, names);
  const { outlined } = traced;
  const { modules, parameters, flops, bytes } = summarizeTrace(traced);
  const drawn = [...drawings(traced.trace)];
  const { growth: growing, ...about } = subject.about ?? {};
  const { url, license } = card.checkpoint ?? {};
  const given = inputPorts(inputs, subject.openInputs as readonly unknown[] | undefined, names.inputs);
  const outputs = portsOf([outlined.outputs], names.output === undefined ? [] : [names.output], 'output');
  return {
    name: card.name,
    title: card.title ?? card.name,
    doc: card.doc ?? '',
    sources: card.sources ?? [],
    notes: card.notes ?? [],
    checkpoint:
      url && license ? { url: url.protocol === 'file:' ? 'in the package' : url.href, license } : undefined,
    inputs: given,
    outputs: ofAnyBatch(outputs, given),
    parameters,
    flops,
    bytes,
    views: drawn.map(({ view }) => view),
    widths: widthsOf(
      traced.trace,
      drawn.find(({ view }) => view.depth === 2) ?? drawn[0],
      subject.about?.why,
    ),
    modules,
    leaves: leavesOf(outlined),
    growth: growing && growthOf(growing, traced, drawn),
    fields: fieldsOf(codec, config),
    config,
    about: subject.about && (about as Omit<About, 'growth'>),
    examples,
  };
};
