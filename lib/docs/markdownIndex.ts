/** Models side by side, as Markdown. */
import type { ModelDocument } from './document.js';
import { codeText, tableText, withoutHtml } from './markdownText.js';
import { grouped, showBytes, showFlops } from '../data/quantities.js';

/** A table of models with links to their own files. */
export const markdownIndex = (documents: readonly ModelDocument[]): string => {
  const rows = documents.map(({ name, title, about, doc, parameters, flops, bytes, checkpoint }) => [
    `[${codeText(name)}](${encodeURIComponent(name)}.md)`,
    about?.task ?? withoutHtml(doc || title),
    grouped(parameters),
    showFlops(flops),
    showBytes(bytes.weights + bytes.activations),
    checkpoint
      ? /^https?:/.test(checkpoint.url)
        ? `[published](${encodeURI(checkpoint.url)})`
        : checkpoint.url
      : 'none published',
  ]);
  return `# Models\n\n${tableText(['model', 'task', 'parameters:', 'an example:', 'memory at peak:', 'weights'], rows)}\n`;
};
