/** Checks that every page of a site has to pass. */
import type { Page } from 'playwright-core';
import { seriousViolations } from './axe.js';
import { overflowing, overlappingLabels } from './layout.js';
import { type OpenPage, takeScreenshot } from './page.js';

/** Widths of windows: a phone's and a screen's. */
export const widths = [390, 1440] as const;

/** The used part of a test. */
export interface Asserts {
  readonly same: (found: unknown, wanted: unknown, message: string) => boolean;
  readonly ok: (found: unknown, message: string) => boolean;
}

/** Makes the window so wide. */
export const atWidth = async (page: Page, width: number): Promise<void> => {
  await page.setViewportSize({ width, height: 800 });
  await page.evaluate(() => document.fonts.ready);
};

/**
 * Checks an open page: no error and no missing file so far, and at each width no text out of its box, no labels over
 * each other; at the narrowest, where most scrolls, no serious violation of accessibility rules. Pictures of it go to `screenshots/`.
 * @param name  of the pictures
 * @param checked  the kinds of elements whose accessibility was checked before
 */
export const checkPage = async (
  t: Asserts,
  { page, takeProblems }: OpenPage,
  name: string,
  checked?: Set<string>,
): Promise<void> => {
  t.same(takeProblems(), [], `${name}: nothing went wrong`);
  for (const width of widths) {
    await atWidth(page, width);
    t.same(await overflowing(page), [], `${name}: what is in boxes fits at ${width} pixels`);
    t.same(await overlappingLabels(page), [], `${name}: no label lies over another at ${width} pixels`);
    if (width === widths[0]) t.same(await seriousViolations(page, checked), [], `${name}: accessible`);
    await takeScreenshot(page, `${name}-${width}`);
  }
  t.same(takeProblems(), [], `${name}: nothing went wrong while it was looked at`);
};
