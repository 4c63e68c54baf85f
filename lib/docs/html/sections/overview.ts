/** The head of a model's page: summary, inputs, outputs and cost. */
import type { ModelDocument, Port } from '../../document.js';
import { grouped, showBytes, showCount, showFlops } from '../../../data/quantities.js';
import { showShape } from '../../../data/shape.js';
import { html, type Html } from '../html.js';
import { path } from '../links.js';
import { inlineProse, prose } from '../prose.js';
import { sectionOf } from '../section.js';
import { table } from '../table.js';

/** A figure of a model's cost, as it is written large, and what it says exactly. */
export interface CostFigure {
  readonly name: string;
  readonly value: string;
  readonly exactly: string;
}

/** A model's cost in four figures. */
export const costFigures = ({ parameters, bytes, flops }: ModelDocument): readonly CostFigure[] => [
  { name: 'parameters', value: showCount(parameters), exactly: grouped(parameters) },
  { name: 'in float32', value: showBytes(bytes.weights), exactly: `${grouped(bytes.weights)} bytes` },
  { name: 'operations', value: showFlops(flops), exactly: 'products and convolutions of one example' },
  {
    name: 'memory at peak',
    value: showBytes(bytes.weights + bytes.activations),
    exactly: `weights and ${showBytes(bytes.activations)} of activations`,
  },
];

const figures = (document: ModelDocument): Html =>
  html`<dl class="figures">
    ${costFigures(document).map(
      ({ name, value, exactly }) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}<small>${exactly}</small></dd>
        </div> `,
    )}
  </dl> `;

const ports = (ports: readonly Port[], caption: string): Html =>
  table(
    caption,
    [
      { title: 'name', look: 'path' },
      { title: 'shape', look: 'shape' },
      { title: 'type', look: 'type' },
    ],
    ports.map(({ name, shape, dtype, isOptional }) => [
      path(name),
      showShape(shape),
      isOptional ? `${dtype}, may be left out` : dtype,
    ]),
  );

const side = (title: string, words: string | undefined, its: readonly Port[], name: string): Html =>
  html`<div>
    <h3>${title}</h3>
    ${words !== undefined && prose(words)}${its.length > 0 && ports(its, `${name} of the network`)}
  </div> `;

/** Above all sections: the title, the task, and the cost. */
export const heading = (document: ModelDocument): Html =>
  html`<header class="page">
    <p class="kind">
      <code>${document.name}</code>${document.about && html` · ${inlineProse(document.about.task)}`}
    </p>
    <h1>${document.title}</h1>
    <div class="lead">${prose(document.about?.summary ?? document.doc)}</div>
    ${figures(document)}
  </header> `;

export const overview = (document: ModelDocument) =>
  sectionOf(
    'input-output',
    'What goes in, what comes out',
    html`<div class="sides">
      ${side('In', document.about?.input, document.inputs, 'Inputs')}${side('Out', document.about?.output, document.outputs, 'Outputs')}
    </div> `,
  );
