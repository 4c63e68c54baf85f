/** Sections on a model's cost: operations by module, memory at its peak, growth of both with the input. */
import { type CostNode, costParts, costTree } from '../../costTree.js';
import type { Growth, ModelDocument } from '../../document.js';
import { grouped, showBytes, showFlops, showShare } from '../../../data/quantities.js';
import { showShapes } from '../../../data/shape.js';
import { drawBars, drawGrowth } from '../figures.js';
import { html, type Html, type Inserted } from '../html.js';
import { path } from '../links.js';
import { sectionOf } from '../section.js';
import { scrolling, table } from '../table.js';

/** Deeper rows are not set in further than this. */
const maxIndent = 6;

const rowsOf = (node: CostNode, total: number, depth: number): (readonly Inserted[])[] => [
  [
    html`<span class="indent-${Math.min(depth, maxIndent)}"
      >${path(node.label)}${node.count > 1 && html` <b class="times">× ${node.count}</b>`}</span
    >`,
    grouped(node.calls),
    html`${showShapes(node.inputs)} → ${showShapes(node.outputs)}`,
    grouped(node.parameters),
    node.flops ? showFlops(node.flops) : '–',
    node.flops ? showShare(node.flops / total) : '–',
  ],
  ...node.inner.flatMap((inner) => rowsOf(inner, total, depth + 1)),
];

const byModule = (roots: readonly CostNode[], total: number): Html =>
  html`<details class="long">
    <summary>All modules: shapes, parameters, operations</summary>
    ${table(
      'Cost by module; a module includes what is in it',
      [
        { title: 'module', look: 'path' },
        { title: 'calls', isNumeric: true },
        { title: 'from → to', look: 'shape' },
        { title: 'parameters', isNumeric: true },
        { title: 'operations', isNumeric: true },
        { title: 'share', isNumeric: true },
      ],
      roots.flatMap((node) => rowsOf(node, total, 0)),
    )}
  </details> `;

const operations = ({ modules, flops }: ModelDocument): Html => {
  const roots = costTree(modules);
  const bars = costParts(roots).map((part) => ({
    label: part.label,
    value: part.flops,
    share: part.flops / flops,
  }));
  return html`<p>
      ${showFlops(flops)} for one example: products and convolutions, multiplications and additions counted
      apart.
    </p>
    <figure class="chart">
      ${scrolling('Operations by module', drawBars('operations', 'Operations by module', bars, showFlops))}
    </figure>
    ${byModule(roots, flops)}`;
};

const memory = ({ bytes }: ModelDocument): Html => {
  const whole = bytes.weights + bytes.activations;
  const bars = [
    { label: 'weights', value: bytes.weights, share: bytes.weights / whole },
    { label: 'activations', value: bytes.activations, share: bytes.activations / whole },
  ];
  const [tiled, untiled] = [showBytes(bytes.activations), showBytes(bytes.activationsUntiled)];
  return html`<p>
      What one example needs in a forward pass, read off the graph as it is written. Attention holds a tile of
      its scores at a
      time${
        tiled !== untiled &&
        html`; holding all of them and their softmax, activations would take ${untiled} instead of ${tiled}`
      }.
      Where an input is very long, the engine makes keys, values and queries part by part and stays below
      that.
    </p>
    <figure class="chart">
      ${scrolling('Memory at its peak', drawBars('memory', 'Memory at its peak', bars, showBytes))}
    </figure>`;
};

const growthTable = ({ what, points, published }: Growth): Html =>
  table(
    `Cost by ${what}`,
    [
      { title: what, isNumeric: true },
      { title: 'elements', isNumeric: true },
      { title: 'operations', isNumeric: true },
      { title: 'activations', isNumeric: true },
      { title: 'a Transformer’s operations', isNumeric: true },
      { title: 'its activations', isNumeric: true },
    ],
    points.map(({ size, length, flops, bytes, transformer }) => [
      size === published ? html`<strong>${grouped(size)}</strong>` : grouped(size),
      grouped(length),
      showFlops(flops),
      showBytes(bytes),
      showFlops(transformer.flops),
      showBytes(transformer.bytes),
    ]),
  );

const growth = (growth: Growth): Html =>
  html`<p>
      By ${growth.what}, beside what the model’s own latent layers would cost if they attended to all elements
      themselves, as a Transformer’s do. Both axes are logarithmic. Published: ${grouped(growth.published)}.
    </p>
    <div class="charts">
      <figure class="chart">${scrolling('Growth of operations', drawGrowth(growth, 'flops'))}</figure>
      <figure class="chart">${scrolling('Growth of memory', drawGrowth(growth, 'bytes'))}</figure>
    </div>
    ${growthTable(growth)}`;

export const cost = (document: ModelDocument) => [
  ...sectionOf('operations', 'Where the operations go', operations(document), document.flops > 0),
  ...sectionOf('memory', 'Memory at its peak', memory(document)),
  ...sectionOf(
    'growth',
    'How it grows',
    document.growth && growth(document.growth),
    document.growth !== undefined && document.growth.points.length > 1,
  ),
];
