/** The parts of a model's page and of the page that compares models. */
import { maxTabs } from '../tabs.js';

/** A tab is shown where its radio button, which comes before it, is checked. */
const shownTab = Array.from({ length: maxTabs }, (_, i) => i + 1)
  .map((tab) => `.tabs > input:nth-of-type(${tab}):checked ~ .tab-${tab}`)
  .join(',\n');

const indents = [1, 2, 3, 4, 5, 6].map((depth) => `.indent-${depth} { padding-left: ${depth * 0.9}rem; }`);

export const model = `header.page { margin-bottom: 3rem; }
.kind { color: var(--soft); font-size: .9375rem; margin-bottom: .6rem; }
.lead { font-size: 1.125rem; }
.model > section { margin-bottom: 3.5rem; }
.anchor { color: inherit; text-decoration: none; }
.anchor:hover { color: var(--accent); }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(9.5rem, 40%), 1fr)); gap: 1rem 2rem; margin: 2rem 0 0; border-top: 1px solid var(--line); padding-top: 1.2rem; }
.figures dt { color: var(--soft); font-size: .875rem; }
.figures dd { margin: 0; font: 600 clamp(1.3rem, 1rem + 1vw, 1.5rem)/1.2 var(--serif); white-space: nowrap; font-variant-numeric: lining-nums; }
.figures small { display: block; white-space: normal; font: 400 .8125rem/1.4 var(--sans); }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 0 3rem; }
.sides > div { min-width: 0; }
.sides td.type { min-width: 0; }
.sides h3 { margin-top: .5rem; color: var(--accent); }
.tabs { border: 0; padding: 0; margin: 0; min-width: 0; }
.tabs > input { position: absolute; left: 0; opacity: 0; }
.tabs > label {
  display: inline-block;
  padding: .3rem .9rem;
  margin: 0 .4rem .9rem 0;
  border: 1px solid var(--line);
  border-radius: 99px;
  font-size: .875rem;
  color: var(--soft);
  cursor: pointer;
}
.tabs > input:checked + label { color: var(--paper); background: var(--accent); border-color: var(--accent); }
.tabs > input:focus-visible + label { outline: 2px solid var(--accent); outline-offset: 2px; }
.tab, .on-paper { display: none; }
${shownTab} { display: block; }
/* A drawing that is wider than its box scrolls; shrunk, nobody could read it. */
.diagram .drawing { display: block; max-width: none; margin-inline: auto; }
@media print { .diagram .drawing { max-width: 100%; height: auto; } }
.sum { display: block; width: 100%; max-width: 22rem; height: .35rem; margin-top: .35rem; }
.of-part { margin: .5rem 0 0; }
.part-0 { fill: var(--part-0); }
.part-1 { fill: var(--part-1); }
.part-2 { fill: var(--part-2); }
.part-3 { fill: var(--part-3); }
.differences { display: grid; gap: 1.5rem; }
.differences article { border-left: 3px solid var(--accent); padding-left: 1.2rem; min-width: 0; }
.differences h3 { margin: 0 0 .5rem; }
.differences dl { margin: 0; }
.differences dl > div { display: grid; grid-template-columns: 4rem minmax(0, 1fr); gap: .5rem; }
.differences dt { color: var(--soft); font-size: .875rem; padding-top: .1rem; }
.differences dd { margin: 0; }
.differences dd > :last-child { margin-bottom: .4rem; }
p.source { color: var(--soft); font-size: .875rem; margin: 0; }
.times { font-weight: 600; color: var(--accent); white-space: nowrap; }
${indents.join('\n')}
[class^='indent-'] { display: inline-block; }
.long > summary { color: var(--accent); margin-bottom: .8rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(36rem, 100%), 1fr)); gap: 1rem 2rem; }
.chart { min-width: 0; }
.chart .drawing { display: block; min-width: 34rem; }
.search { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem .8rem; margin-bottom: 1rem; font-size: .875rem; }
.search input {
  font: .9375rem var(--mono);
  color: inherit;
  background: var(--raised);
  border: 1px solid var(--soft);
  border-radius: 6px;
  padding: .4rem .7rem;
  width: min(22rem, 100%);
}
.search output { color: var(--soft); }
.tree { font-size: .875rem; }
.branch > :not(summary) { margin-left: 1.1rem; }
.branch > .scroll { margin-bottom: .6rem; }
.branch > summary { display: flex; align-items: center; gap: .7rem; padding: .35rem 0; border-bottom: 1px solid var(--line); }
.branch > summary::before { content: '▸'; color: var(--soft); flex: none; width: .8em; font-size: .8em; }
.branch[open] > summary::before { content: '▾'; }
.branch > summary::-webkit-details-marker { display: none; }
.branch > summary .path { flex: 1 1 auto; min-width: 0; overflow-wrap: anywhere; }
.branch > summary .number:last-child { width: 4.2rem; flex: none; color: var(--soft); }
.share { width: 5rem; height: .3rem; flex: none; }
.share rect { fill: var(--line); }
.share .filled { fill: var(--accent); }
@media (max-width: 36rem) { .share { display: none; } }
.leaves { font-size: .8125rem; }
.leaves td, .leaves th { padding-block: .25rem; }
.models th:first-child { min-width: 11rem; }
.models th a { font-weight: 600; }
.models small { display: block; font-weight: 400; }
.models .column { display: none; }
.models td:not(.number) { min-width: 9rem; }
@media (max-width: 75rem) {
  .models tbody { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 0 3rem; }
  .models, .models tr, .models th, .models td { display: block; }
  .models thead { display: none; }
  .models tr { border-top: 2px solid var(--accent); padding: .8rem 0 1.6rem; }
  .models th, .models td { border: 0; padding: .2rem 0; }
  .models th a { font: 600 1.15rem/1.3 var(--serif); }
  .models th { padding-bottom: .5rem; }
  .models td { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: .8rem; text-align: left; white-space: normal; }
  .models td.empty { display: none; }
  .models .column { display: block; color: var(--soft); }
}
`;
