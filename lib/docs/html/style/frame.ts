/** Styles of the frame of a page (header, navigation, table of contents, footer) and of paper. */

export const frame = `.skip { position: absolute; left: -100vw; background: var(--paper); padding: .5rem 1rem; z-index: 3; }
.skip:focus { left: 0; }
header.site, footer.site, main { width: min(76rem, 100%); margin-inline: auto; padding-inline: clamp(1rem, 4vw, 2.5rem); }
header.site {
  display: flex;
  flex-wrap: wrap;
  align-items: baseline;
  gap: .25rem 2rem;
  padding-block: 1.1rem .9rem;
  border-bottom: 1px solid var(--line);
}
.brand { font: 600 1.35rem/1 var(--serif); color: var(--ink); text-decoration: none; }
.brand::before { content: ''; display: inline-block; width: .55em; height: .55em; margin-right: .45em; background: var(--accent); border-radius: 2px; }
header.site ul { display: flex; flex-wrap: wrap; gap: .25rem 1.4rem; list-style: none; margin: 0; padding: 0; }
header.site li { margin: 0; }
header.site a, .menu > summary { color: var(--soft); text-decoration: none; font-size: .9375rem; }
header.site a.brand { color: var(--ink); font-size: 1.35rem; }
header.site a:hover, .menu > summary:hover, header.site a[aria-current] { color: var(--accent); }
header.site a[aria-current] { font-weight: 600; }
.menu { position: relative; }
header.site .menu > ul {
  position: absolute;
  z-index: 2;
  top: 100%;
  left: 0;
  flex-direction: column;
  min-width: 15rem;
  max-width: calc(100vw - 2rem);
  padding: .7rem 1rem;
  background: var(--paper);
  border: 1px solid var(--line);
  border-radius: 6px;
  box-shadow: 0 6px 24px rgb(0 0 0 / .12);
}
main { padding-block: clamp(1.5rem, 4vw, 3rem) 3rem; }
footer.site { padding-block: 1.5rem 3rem; border-top: 1px solid var(--line); font-size: .875rem; color: var(--soft); }
.contents { font-size: .875rem; margin-bottom: 2rem; }
.contents p { color: var(--soft); font-weight: 600; margin: 0 0 .5rem; }
.contents ol { list-style: none; padding: 0; margin: 0; display: flex; flex-wrap: wrap; gap: .2rem 1.1rem; }
.contents li { margin: 0; }
.contents a { color: var(--soft); text-decoration: none; }
.contents a:hover, .contents a[aria-current] { color: var(--accent); }
@media (min-width: 70rem) {
  .model { display: grid; grid-template-columns: 12.5rem minmax(0, 1fr); column-gap: 3.5rem; align-items: start; }
  .model > * { grid-column: 2; }
  .model > .contents { grid-column: 1; grid-row: 1 / span 40; }
  .contents { position: sticky; top: 1.5rem; max-height: calc(100vh - 3rem); overflow-y: auto; }
  .contents ol { flex-direction: column; gap: .1rem; border-left: 1px solid var(--line); }
  .contents a { display: block; padding: .18rem 0 .18rem .9rem; margin-left: -1px; border-left: 2px solid transparent; }
  .contents a[aria-current] { border-color: var(--accent); font-weight: 600; }
}
@media print {
  :root {
    color-scheme: light;
    --paper: #fff; --raised: #f6f4ee; --ink: #000; --soft: #444; --line: #bbb; --accent: #7d2418; --accent-soft: #f3e0d9;
    --part-0: #b8503f; --part-1: #3f6f8f; --part-2: #7d7a3c; --part-3: #7c5a86;
    --code-word: #8a2f5c; --code-text: #2f6437; --code-number: #8a4b12; --code-name: #1f5a8a; --code-note: #555;
  }
  @page { margin: 16mm 14mm; }
  html { font-size: 9.5pt; }
  header.site nav, .skip, .contents, .copy, .search, .tabs > label { display: none !important; }
  header.site, footer.site, main { width: 100%; padding-inline: 0; }
  .scroll, pre { overflow: visible; }
  .scroll { background: none; }
  pre { white-space: pre-wrap; }
  h2, h3, figcaption { break-after: avoid; }
  .tabs.printed > .tab, .on-paper { display: block !important; }
  tr, figure, .differences article { break-inside: avoid; }
  thead { display: table-header-group; }
  a { color: inherit; }
}
`;
