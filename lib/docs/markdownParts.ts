/**
 * Parts of a model's documentation in Markdown that a README and a model card have alike.
 */
import type { About, Sourced } from './about.js';
import type { ModelDocument, Port } from './document.js';
import {
  addressText,
  codeBlockText,
  codeText,
  paragraphs,
  plainText,
  tableText,
  under,
  withoutHtml,
} from './markdownText.js';
import { grouped, showBytes, showFlops, showShare } from '../data/quantities.js';
import { showShape } from '../data/shape.js';
import { showArithmetic } from './arithmetic.js';

const sourceOf = ({ source }: Sourced): string => (source === undefined ? '' : source);

const has = (items: readonly unknown[] | undefined): boolean => items !== undefined && items.length > 0;

/** Stands where a value was never published. */
const notPublished = '*not published*';

/** A model's cost in a line. */
export const costText = ({ parameters, bytes, flops }: ModelDocument): string =>
  `${grouped(parameters)} parameters, ${showBytes(bytes.weights)} in float32; ${showFlops(flops)} an example; ` +
  `${showBytes(bytes.activations)} of activations at their peak.`;

const portsText = (ports: readonly Port[]): string =>
  tableText(
    ['name', 'shape', 'type'],
    ports.map(({ name, shape, dtype, isOptional }) => [
      codeText(name),
      codeText(showShape(shape)),
      plainText(isOptional ? `${dtype}, may be left out` : dtype),
    ]),
  );

/** Inputs and outputs, in words and as tables. */
export const sidesText = ({ about, inputs, outputs }: ModelDocument, heading: string): string =>
  paragraphs(
    under(`${heading} In`, about?.input, has(inputs) && portsText(inputs)),
    under(`${heading} Out`, about?.output, has(outputs) && portsText(outputs)),
  );

/** The flow of data through a model's outermost modules, as a list. */
export const flowText = ({ views }: ModelDocument): string => {
  const [view] = views;
  if (!view) return '';
  const labels = new Map(view.blocks.map(({ id, label }) => [id, label]));
  const lines = view.blocks.map(({ id, label, count, repeats }) => {
    const into = view.arrows.filter(({ to }) => to === id);
    const from = into.map(
      (arrow) => `${codeText(labels.get(arrow.from) ?? arrow.from)} ${codeText(showShape(arrow.shape))}`,
    );
    const times = [
      count > 1 ? ` × ${count}` : '',
      repeats > 1 ? `, ${repeats} times with the same weights` : '',
    ].join('');
    return `- ${codeText(label)}${times}${from.length ? ` ← ${from.join(', ')}` : ''}`;
  });
  return lines.join('\n');
};

/** Widths with their arithmetic and reasons, as a table. */
export const widthsText = ({ widths }: ModelDocument): string =>
  has(widths)
    ? tableText(
        ['where', 'axis', 'size', 'why'],
        widths.map(({ where, axis, arithmetic, why, parts = [] }) => [
          codeText(where),
          axis,
          plainText(showArithmetic(arithmetic)),
          withoutHtml(
            [why ?? '', ...parts.map((part) => `${grouped(part.size)}: ${part.why}`)]
              .filter(Boolean)
              .join(' '),
          ),
        ]),
      )
    : '';

/** Ways to load the published weights. */
export const loadingText = ({ about, checkpoint }: ModelDocument, heading: string): string =>
  paragraphs(
    checkpoint && `Trained parameters: ${addressText(checkpoint.url)}, ${plainText(checkpoint.license)}.`,
    ...(about?.loading ?? []).map(({ by, snippet, note }) =>
      under(`${heading} ${by}`, note, codeBlockText(snippet.code, snippet.language)),
    ),
  );

/** Published results. */
export const resultsText = (about: About | undefined): string =>
  about && has(about.results)
    ? tableText(
        ['measured', 'result', 'of', 'source'],
        about.results.map((result) => [
          result.what,
          result.value,
          result.of ?? 'this model',
          sourceOf(result),
        ]),
      )
    : '';

/** Training as published; what never was is marked so. */
export const trainingText = (about: About | undefined): string =>
  about && has(about.training)
    ? tableText(
        ['what', 'as published', 'source'],
        about.training.map((fact) => [fact.what, fact.value ?? notPublished, sourceOf(fact)]),
      )
    : '';

/** Contradictions between publications and code, as a list. */
export const differencesText = (about: About | undefined): string =>
  (about?.differences ?? [])
    .map((difference) => {
      const source = difference.source === undefined ? '' : ` (${difference.source})`;
      return `- **${difference.what}**. Said: ${difference.said}${source}. Found: ${difference.found}`
        .replace(/\.+\. Found:/, '. Found:')
        .replace(/\s*\n\s*/g, ' ');
    })
    .join('\n');

/** Leaves of the parameter tree. */
export const leavesText = ({ leaves }: ModelDocument): string =>
  has(leaves)
    ? tableText(
        ['module', 'leaf', 'shape', 'initialiser', 'elements:', 'share:'],
        leaves.map(({ module, leaf, shape, initializer, count, share }) => [
          codeText(module),
          codeText(leaf),
          codeText(showShape(shape)),
          plainText(initializer),
          grouped(count),
          showShare(share),
        ]),
      )
    : '';

const jsonText = (value: unknown): string => (value === undefined ? '' : codeText(JSON.stringify(value)));

/** The config, field by field. */
export const fieldsText = ({ fields }: ModelDocument): string =>
  has(fields)
    ? tableText(
        ['field', 'this model', 'meaning', 'type', 'default'],
        fields.map((field) => [
          codeText(field.path),
          jsonText(field.value),
          withoutHtml(field.meaning + (field.source === undefined ? '' : ` (${field.source})`)),
          codeText(field.type),
          field.presence === 'required' ? '*required*' : jsonText(field.default),
        ]),
      )
    : '';
