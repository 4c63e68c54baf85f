/** The ground of the stylesheet: colours for light and dark, type, and the elements of plain text. */

/** Colours, type and spaces that everything else is made of; contrast of text is at least 4.5:1 in both. */
export const base = `:root {
  color-scheme: light dark;
  --paper: #fdfcf9;
  --raised: #f5f2ea;
  --ink: #23201c;
  --soft: #625c52;
  --line: #ded8ca;
  --shade: rgb(35 32 28 / 22%);
  --accent: #9c2f22;
  --accent-soft: #f3e0d9;
  --part-0: #b8503f;
  --part-1: #3f6f8f;
  --part-2: #7d7a3c;
  --part-3: #7c5a86;
  --code-word: #8a2f5c;
  --code-text: #2f6437;
  --code-number: #8a4b12;
  --code-name: #1f5a8a;
  --code-note: #6b655a;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', 'Liberation Sans', sans-serif;
  --serif: 'Iowan Old Style', 'Palatino Linotype', Palatino, 'URW Palladio L', P052, Charter, Georgia, 'Liberation Serif', serif;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace;
  --measure: 68ch;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #17181b;
    --raised: #1f2125;
    --ink: #e6e2d9;
    --soft: #a8a298;
    --line: #383a40;
    --shade: rgb(230 226 217 / 22%);
    --accent: #f0a08f;
    --accent-soft: #3b2521;
    --part-0: #d9705d;
    --part-1: #6fa3c4;
    --part-2: #b3af63;
    --part-3: #b08cba;
    --code-word: #e79ac0;
    --code-text: #9ccf9f;
    --code-number: #e3b07f;
    --code-name: #93c3ee;
    --code-note: #a09a8e;
  }
}
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
html {
  font: 100%/1.6 var(--sans);
  color: var(--ink);
  background: var(--paper);
  -webkit-text-size-adjust: 100%;
  text-size-adjust: 100%;
  scroll-padding-top: 1rem;
}
body { margin: 0; overflow-wrap: break-word; }
h1, h2, h3 { line-height: 1.2; text-wrap: balance; }
h1 { font: 600 clamp(1.9rem, 1.4rem + 2vw, 2.8rem)/1.12 var(--serif); margin: 0 0 .6rem; letter-spacing: -.01em; }
h2 { font: 600 1.55rem/1.2 var(--serif); margin: 0 0 1rem; }
h3 { font-size: 1rem; font-weight: 650; margin: 1.8rem 0 .5rem; }
p, ul, ol, dl { margin: 0 0 1rem; }
p, li, dd { max-width: var(--measure); text-wrap: pretty; }
ul, ol { padding-left: 1.3rem; }
li + li { margin-top: .3rem; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .18em; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
small { font-size: .8125rem; color: var(--soft); }
code, pre, tbody .path, summary .path, tbody .shape { font-family: var(--mono); font-size: .875em; }
:is(p, li, dd) > code { overflow-wrap: anywhere; }
figure { margin: 0 0 1.5rem; }
figcaption { font-size: .875rem; color: var(--soft); margin-bottom: .4rem; }
blockquote { margin: 0 0 1rem; padding-left: 1rem; border-left: 3px solid var(--line); color: var(--soft); }
img, svg { max-width: 100%; }
hr { border: 0; border-top: 1px solid var(--line); margin: 2rem 0; }
summary { cursor: pointer; }
.unseen {
  position: absolute;
  width: 1px;
  height: 1px;
  padding: 0;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
/* A shade at an edge behind which there is more; covered by paper where the content ends. */
.scroll {
  overflow-x: auto;
  margin: 0 0 1.5rem;
  max-width: 100%;
  position: relative;
  background:
    linear-gradient(to right, var(--paper) 40%, transparent) left / 3rem 100% no-repeat local,
    linear-gradient(to left, var(--paper) 40%, transparent) right / 3rem 100% no-repeat local,
    linear-gradient(to right, var(--shade), transparent) left / 1rem 100% no-repeat scroll,
    linear-gradient(to left, var(--shade), transparent) right / 1rem 100% no-repeat scroll;
}
table { border-collapse: collapse; font-size: .875rem; line-height: 1.45; min-width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .5rem 1.25rem .5rem 0; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: .25rem; }
thead th { font-weight: 500; color: var(--soft); font-size: .8125rem; white-space: nowrap; vertical-align: bottom; }
tbody th { font-weight: 500; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
tbody .shape { white-space: nowrap; }
@media screen and (max-width: 40rem) {
  .stacks, .stacks tbody, .stacks tr, .stacks th, .stacks td { display: block; }
  .stacks thead, .stacks td:empty { display: none; }
  .stacks tr { border-bottom: 1px solid var(--line); padding: .5rem 0 .7rem; }
  .stacks tr > :is(th, td) { border: 0; padding: .15rem 0; min-width: 0; white-space: normal; text-align: left; overflow-wrap: anywhere; }
  .stacks td::before { content: attr(data-column) ' '; color: var(--soft); font: .8125rem var(--sans); }
}
td.words, th.words { min-width: 14rem; }
td.value { min-width: 10rem; font-weight: 600; font-variant-numeric: tabular-nums; }
td.of { min-width: 10rem; }
td.source { min-width: 9rem; color: var(--soft); }
td.formula { min-width: 18rem; font-variant-numeric: tabular-nums; }
td.type { min-width: 10.5rem; }
td.wheres { min-width: 15rem; }
td code, th code { overflow-wrap: normal; }
.plain { list-style: none; padding: 0; margin: 0; }
.wheres li { font: .8125rem/1.45 var(--mono); }
.soft { color: var(--soft); }
em.absent { color: var(--soft); }
`;
