/**
 * One of several things at a time, chosen by radio buttons: no script is needed, the keyboard works as it does on radio
 * buttons, and on paper there is the chosen one, or all of them under their titles.
 */
import { html, type Html, type Inserted } from './html.js';

/** The stylesheet knows so many. */
export const maxTabs = 8;

export interface Tab {
  readonly title: string;
  readonly content: Inserted;
}

export interface TabsOptions {
  /** The name of the choice: 'Level of detail'. */
  readonly label: string;
  /** The tab that is shown at first, from 0. */
  readonly first?: number;
  /** True if all tabs are printed on paper. */
  readonly areAllPrinted?: boolean;
}

/** Tabs; `name` is their own on the page. */
export const tabs = (
  name: string,
  all: readonly Tab[],
  { label, first = 0, areAllPrinted = false }: TabsOptions,
): Html => {
  if (all.length > maxTabs) throw new Error(`${label}: ${all.length} tabs, expected at most ${maxTabs}`);
  const buttons = all.map(
    ({ title }, i) =>
      html`<input type="radio" name="${name}" id="${name}-${i}" ${i === first && html` checked`} /><label
          for="${name}-${i}"
          >${title}</label
        >`,
  );
  const panels = all.map(
    ({ title, content }, i) =>
      html`<div class="tab tab-${i + 1}">
        ${areAllPrinted && html`<h3 class="on-paper">${title}</h3>`} ${content}
      </div> `,
  );
  return html`<fieldset class="tabs${areAllPrinted && ' printed'}">
    <legend class="unseen">${label}</legend>
    ${buttons} ${panels}
  </fieldset> `;
};
