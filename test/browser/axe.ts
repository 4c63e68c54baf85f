/** Violations of accessibility rules that axe-core finds in a page. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/**
 * The kinds of elements in a page: tag, classes and the names of attributes, of an element and of its parent, and the
 * classes of all that they are in. Elements of one kind look the same and mean the same to a reader of the screen.
 */
const kindsIn = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const classesOf = ({ classList }: Element): string[] => Array.from(classList).map((name) => `.${name}`);
    const own = (element: Element | null): string =>
      element === null
        ? ''
        : [element.localName, ...classesOf(element), `[${element.getAttributeNames().sort().join()}]`].join(
            '',
          );
    const around = new Map<Element | null, string>([[null, '']]);
    const kinds = new Set<string>();
    for (const element of Array.from(document.querySelectorAll('*'))) {
      const parent = element.parentElement;
      const within = around.get(parent) as string; // elements come after those that they are in
      const classes = new Set([...within.split(' '), ...classesOf(element)]);
      around.set(element, Array.from(classes).sort().join(' '));
      kinds.add(`${within} ${own(parent)} > ${own(element)}`);
    }
    return Array.from(kinds);
  });

/**
 * Serious ones and worse, each with what it is found at.
 * @param checked  the kinds of elements of pages that were checked before; a page without others has none that is new
 */
export const seriousViolations = async (
  page: Page,
  checked = new Set<string>(),
): Promise<readonly string[]> => {
  const kinds = await kindsIn(page);
  if (kinds.every((kind) => checked.has(kind))) return [];
  await page.evaluate(source);
  const { violations } = await page.evaluate<AxeResults>(
    'axe.run(document, { resultTypes: ["violations"], preload: false })',
  );
  for (const kind of kinds) checked.add(kind);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, help, nodes }) =>
        `${id}: ${help}: ${nodes
          .slice(0, 3)
          .map(({ html }) => html)
          .join(' ')}`,
    );
};
