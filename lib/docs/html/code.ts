/**
 * Code with its words coloured: by classes, which the stylesheet knows.
 */
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import json from 'highlight.js/lib/languages/json';
import python from 'highlight.js/lib/languages/python';
import typescript from 'highlight.js/lib/languages/typescript';
import { html, Html } from './html.js';

hljs.registerLanguage('ts', typescript);
hljs.registerLanguage('python', python);
hljs.registerLanguage('sh', bash);
hljs.registerLanguage('json', json);

/** Code of a language that is known is coloured, any other is as it is. */
export const coloured = (code: string, language?: string): Html =>
  language !== undefined && hljs.getLanguage(language)
    ? Html.trusted(hljs.highlight(code, { language }).value)
    : html`${code}`;

const titles: Readonly<Record<string, string>> = {
  ts: 'TypeScript',
  typescript: 'TypeScript',
  python: 'Python',
  sh: 'shell',
  bash: 'shell',
  json: 'JSON',
};

/** A block of code to copy, which scrolls in its own box. */
export const codeBlock = (code: string, language?: string, title?: string): Html => {
  const label = title ?? (language === undefined ? 'text' : (titles[language] ?? language));
  return html`<figure class="code">
    <figcaption>${label}</figcaption>
    <pre tabindex="0" aria-label="${label}"><code>${coloured(code.trimEnd(), language)}</code></pre>
  </figure> `;
};
