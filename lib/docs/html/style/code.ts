/** Code, its colours, and the button that copies it. */

export const code = `figure.code { position: relative; }
figure.code > figcaption { display: flex; justify-content: space-between; align-items: center; min-height: 1.9rem; margin: 0 0 .25rem; }
pre {
  margin: 0;
  padding: .9rem 1.1rem;
  overflow-x: auto;
  background: var(--raised);
  border-radius: 6px;
  line-height: 1.55;
  font-size: .8438rem;
  max-height: 64rem;
  tab-size: 2;
}
pre code { font-size: inherit; }
:not(pre) > code { background: var(--raised); border-radius: 3px; padding: .1em .3em; }
.kind code, th code, td code { background: none; padding: 0; }
.copy {
  font: 500 .8125rem var(--sans);
  color: var(--soft);
  background: none;
  border: 1px solid var(--line);
  border-radius: 5px;
  padding: .15rem .6rem;
  cursor: pointer;
}
.copy:hover { color: var(--accent); border-color: var(--accent); }
.hljs-keyword, .hljs-literal, .hljs-built_in, .hljs-meta { color: var(--code-word); }
.hljs-string, .hljs-regexp { color: var(--code-text); }
.hljs-number, .hljs-symbol { color: var(--code-number); }
.hljs-title, .hljs-attr, .hljs-property, .hljs-variable.constant_ { color: var(--code-name); }
.hljs-comment { color: var(--code-note); font-style: italic; }
@media print { pre { max-height: none; } }
`;
