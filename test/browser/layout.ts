/** Faults of a page's layout: texts wider than their boxes, labels over each other. */
import type { Page } from 'playwright-core';

/**
 * Elements that are wider inside than they are, and do not scroll; the document itself where it is wider than the
 * window.
 */
export const overflowing = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const nameOf = (element: Element): string =>
      `<${element.tagName.toLowerCase()}${element.id && ` id="${element.id}"`}${element.classList.length ? ` class="${element.classList.value}"` : ''}> ${(element.textContent ?? '').trim().slice(0, 40)}`;
    const root = document.documentElement;
    const found = [];
    if (root.scrollWidth > root.clientWidth)
      found.push(`the document: ${root.scrollWidth} pixels in a window of ${root.clientWidth}`);
    for (const element of Array.from(document.body.querySelectorAll<HTMLElement>('*'))) {
      if (element.clientWidth === 0 || element.scrollWidth <= element.clientWidth + 1) continue;
      const { display, overflowX, visibility } = getComputedStyle(element);
      const isBox = display !== 'inline' && display !== 'contents';
      const isHidden = visibility === 'hidden' || element.offsetWidth <= 1; // for readers of the screen alone
      const scrolls = ['auto', 'scroll'].includes(overflowX) || element instanceof HTMLInputElement;
      if (isBox && !isHidden && !scrolls)
        found.push(`${nameOf(element)}: ${element.scrollWidth} pixels in ${element.clientWidth}`);
    }
    return found;
  });

/** Pairs of texts of one SVG of which one lies over the other. */
export const overlappingLabels = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => {
    const found: string[] = [];
    const slack = 1; // of boxes that touch, in pixels
    for (const svg of Array.from(document.querySelectorAll('svg'))) {
      const texts = Array.from(svg.querySelectorAll('text'))
        .map((text) => ({ text: text.textContent?.trim() ?? '', box: text.getBoundingClientRect() }))
        .filter(({ text, box }) => text !== '' && box.width > 0 && box.height > 0);
      texts.forEach((a, i) => {
        for (const b of texts.slice(i + 1)) {
          const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
          const down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
          if (across > slack && down > slack) found.push(`'${a.text}' and '${b.text}'`);
        }
      });
    }
    return found;
  });
