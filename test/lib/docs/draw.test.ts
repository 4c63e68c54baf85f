/** Diagrams of all presets: every arrow carries the shape that leaves its box and the shape that its end takes. */
import t from 'tap';
import * as tf from '@tensorflow/tfjs-core';
import { chain, type Layer, type Scope } from '../../../lib/index.js';
import type { View } from '../../../lib/docs/document.js';
import type { Drawing } from '../../../lib/docs/draw.js';
import { drawings } from '../../../lib/docs/views.js';
import { inputsOf, type Trace, type Value } from '../../../lib/graph/graph.js';
import { traceAsIs } from '../../../lib/graph/trace.js';
import { attend, conv2d, linear, maxPool } from '../../../modules/index.js';
import type { AnyModel } from '../../../presets/preset.js';
import { networks } from '../../presets/networks.js';

const oneExample = (shape: Value['shape']): string =>
  (shape.length > 1 && shape[0] === 1 ? shape.slice(1) : shape).join(' × ');

const traceOf = (layer: Layer<never, unknown>, inputs: readonly unknown[]): Trace =>
  traceAsIs(layer as unknown as Layer<readonly unknown[], unknown>, inputs).trace;

/** Shapes that leave and that enter each box, by its id. */
const shapesOf = ({ homes, view }: Drawing, trace: Trace) => {
  const [leaving, entering] = [new Map<string, Set<string>>(), new Map<string, Set<string>>()];
  const add = (to: Map<string, Set<string>>, id: string, shape: Value['shape']) =>
    to.set(id, (to.get(id) ?? new Set()).add(oneExample(shape)));
  for (const input of trace.inputs) add(leaving, `input ${input.name}`, input.shape);
  for (const { name, value } of trace.outputs) add(entering, `output ${name}`, value.shape);
  for (const [node, id] of homes) {
    for (const output of node.outputs) add(leaving, id, output.shape);
    for (const value of inputsOf(node)) add(entering, id, value.shape);
  }
  const modules = new Set(view.blocks.filter(({ kind }) => kind === 'module').map(({ id }) => id));
  return { leaving, entering, modules };
};

/** Arrows whose shape does not leave the box at their beginning, or does not enter that at their end. */
const wrongArrows = (drawing: Drawing, trace: Trace): string[] => {
  const { leaving, entering } = shapesOf(drawing, trace);
  const of = new Map(drawing.view.blocks.map((block) => [block.id, block]));
  // A box for operations that change a shape holds no node of its own: its arrows say what goes in and comes out.
  const isChange = (id: string) => of.get(id)?.kind === 'operation' && !leaving.has(id);
  return drawing.view.arrows.flatMap(({ from, to, shape, kind }) => {
    const text = shape.join(' × ');
    const starts = kind === 'weights' || isChange(from) || leaving.get(from)?.has(text);
    const ends = isChange(to) || entering.get(to)?.has(text);
    return starts && ends ? [] : [`${from} -> ${to}: ${text}`];
  });
};

for (const [name, preset] of networks) {
  const { network, inputs } = preset() as AnyModel;
  const trace = traceOf(network as Layer<never, unknown>, inputs as readonly unknown[]);
  t.test(`${name}: every arrow carries what leaves one box and enters the other`, async (t) => {
    for (const drawing of drawings(trace))
      t.same(wrongArrows(drawing, trace), [], `at depth ${drawing.view.depth}`);
  });

  t.test(`${name}: only boxes that lead to an output are drawn in full`, async (t) => {
    for (const { view } of drawings(trace)) {
      const used = new Set(view.blocks.filter(({ isUnused }) => !isUnused).map(({ id }) => id));
      t.ok(view.blocks.filter(({ kind }) => kind === 'output').every(({ id }) => used.has(id)));
      for (const { from, to } of view.arrows) if (used.has(to)) t.ok(used.has(from), `${from} -> ${to}`);
      const leads = new Set(view.arrows.filter(({ to }) => used.has(to)).map(({ from }) => from));
      t.same(
        view.blocks.filter(({ kind, id }) => kind !== 'output' && used.has(id) && !leads.has(id)),
        [],
      );
    }
  });
}

const first = (layer: Layer<never, unknown>, inputs: readonly unknown[]): View => {
  const [{ view }] = drawings(traceOf(layer, inputs));
  return view;
};
const labels = ({ blocks }: View): string[] => blocks.map(({ label }) => label);

t.test('a pool between layers is drawn, with the shapes before and after it', async (t) => {
  const view = first(
    chain(
      conv2d({ outputChannels: 4, kernelShape: 3 }),
      (_s: Scope, x: tf.Tensor) => maxPool(x, { windowShape: 2, strides: 2 }),
      linear(3),
    ) as never,
    [{ shape: [1, 8, 8, 3] }],
  );
  const pool = view.blocks.find(({ label }) => label === 'max pool');
  t.ok(pool, labels(view).join());
  t.same(
    view.arrows.filter(({ to, from }) => pool && [to, from].includes(pool.id)).map(({ shape }) => shape),
    [
      [8, 8, 4],
      [4, 4, 4],
    ],
  );
});

t.test('constants that are joined to an input are drawn', async (t) => {
  const view = first(
    ((s: Scope, x: tf.Tensor2D) => linear(2)(s, tf.concat([x, tf.ones([1, 2])], 1))) as never,
    [{ shape: [1, 3] }],
  );
  t.same(labels(view), ['input', 'constant', 'concat', 'linear', 'output']);
});

t.test('keys and values that come from different boxes are told apart', async (t) => {
  const heads = (x: tf.Tensor) => tf.reshape(x, [1, 5, 2, 3]) as tf.Tensor4D;
  const layer = (s: Scope, q: tf.Tensor, m: tf.Tensor) => {
    const [keys, values] = [linear(6, { name: 'keys' })(s, m), linear(6, { name: 'values' })(s, m)];
    return attend(heads(q), heads(keys), heads(values));
  };
  const view = first(layer as never, [{ shape: [1, 5, 6] }, { shape: [1, 5, 6] }]);
  t.same(view.arrows.flatMap(({ as }) => as ?? []).sort(), ['keys', 'queries', 'values']);
});
