/**
 * A model's documentation as Markdown, for a README: what its page says, without drawings but the one that may lie beside
 * it.
 */
import { costParts, costTree } from './costTree.js';
import type { Growth, ModelDocument } from './document.js';
import {
  costText,
  differencesText,
  fieldsText,
  flowText,
  leavesText,
  loadingText,
  resultsText,
  sidesText,
  trainingText,
  widthsText,
} from './markdownParts.js';
import {
  codeBlockText,
  codeText,
  paragraphs,
  plainText,
  tableText,
  under,
  withoutHtml,
} from './markdownText.js';
import { grouped, showBytes, showFlops, showShare } from '../data/quantities.js';

export interface MarkdownOptions {
  /** The path of a picture of the model; without it, the flow is written as a list. */
  readonly diagram?: string;
}

const operationsText = ({ modules, flops }: ModelDocument): string =>
  flops > 0
    ? tableText(
        ['part', 'operations:', 'share:', 'parameters:'],
        costParts(costTree(modules)).map((part) => [
          codeText(part.label),
          showFlops(part.flops),
          showShare(part.flops / flops),
          grouped(part.parameters),
        ]),
      )
    : '';

const memoryText = ({ bytes }: ModelDocument): string =>
  `Weights ${showBytes(bytes.weights)}; activations at their peak ${showBytes(bytes.activations)}, or ` +
  `${showBytes(bytes.activationsUntiled)} if attention held all its scores; less where a very long input is taken in parts.`;

const growthText = ({ what, points }: Growth): string =>
  tableText(
    [`${plainText(what)}:`, 'operations:', 'activations:', 'a Transformer’s operations:', 'its activations:'],
    points.map(({ size, flops, bytes, transformer }) => [
      grouped(size),
      showFlops(flops),
      showBytes(bytes),
      showFlops(transformer.flops),
      showBytes(transformer.bytes),
    ]),
  );

const items = (texts: readonly string[]): string => texts.map((text) => `- ${text}`).join('\n');

/** A model's documentation, whole. */
export const markdown = (document: ModelDocument, { diagram }: MarkdownOptions = {}): string => {
  const { about, title, doc, name, notes, sources, examples, growth, config } = document;
  return `${paragraphs(
    `# ${plainText(title)}`,
    `${codeText(name)}${about ? ` · ${about.task}` : ''}`,
    about?.summary ?? withoutHtml(doc),
    costText(document),
    under('## What goes in, what comes out', about && withoutHtml(doc), sidesText(document, '###')),
    under(
      '## Diagram',
      diagram === undefined ? flowText(document) : `![${plainText(title)}](${encodeURI(diagram)})`,
    ),
    under('## Every width, explained', widthsText(document)),
    under('## Load the weights', loadingText(document, '###')),
    under('## Run it', about && codeBlockText(about.snippet.code, about.snippet.language)),
    under('## What it gave', ...examples.map((example) => under(`### ${example.title}`, example.markdown))),
    under('## Published results', resultsText(about)),
    under('## Training, as published', trainingText(about)),
    under('## Where papers and code differ', differencesText(about)),
    under('## To know before trusting it', items(notes.map(withoutHtml))),
    under('## Where the operations go', operationsText(document)),
    under('## Memory at its peak', memoryText(document)),
    under('## How it grows', growth && growthText(growth)),
    under('## Parameter tree', leavesText(document)),
    under(
      '## Config',
      fieldsText(document),
      config !== undefined && codeBlockText(JSON.stringify(config, null, 2), 'json'),
    ),
    under('## Uses', about?.uses),
    under('## Limits', about?.limits),
    under(
      '## Licence',
      about &&
        items([`Code: ${about.license.code}`, `Weights: ${about.license.weights ?? 'none published'}`]),
    ),
    under('## Citation', about && codeBlockText(about.citation, 'bibtex')),
    under('## Sources', items(sources.map(withoutHtml))),
  )}\n`;
};
