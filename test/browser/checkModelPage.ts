/** Checks of a model's page beside those of every page: its drawings at each level, in the dark, on paper. */
import { seriousViolations } from './axe.js';
import { type Asserts, atWidth, widths } from './checkPage.js';
import { measureDrawings } from './drawings.js';
import { overflowing, overlappingLabels } from './layout.js';
import { type OpenPage, takeScreenshot } from './page.js';

/** Fewer texts than that are no drawings of a model. */
const fewestTexts = 40;

const checkLayout = async (t: Asserts, { page }: OpenPage, name: string): Promise<void> => {
  t.same(await overflowing(page), [], `${name}: what is in boxes fits`);
  t.same(await overlappingLabels(page), [], `${name}: no label lies over another`);
  const { texts, wrong } = await measureDrawings(page);
  t.same(wrong, [], `${name}: texts of drawings are in their boxes and on nothing else`);
  t.ok(texts >= fewestTexts, `${name}: ${texts} texts of drawings were measured`);
};

/**
 * Checks an open page of a model at each width; for accessibility at the narrowest, where most scrolls. A picture of it,
 * as wide as a screen, goes to `screenshots/`.
 * @param name  of the picture
 * @param checked  the kinds of elements whose accessibility was checked before
 */
export const checkModelPage = async (
  t: Asserts,
  opened: OpenPage,
  name: string,
  checked?: Set<string>,
): Promise<void> => {
  const { page, takeProblems } = opened;
  for (const width of widths) {
    await atWidth(page, width);
    await checkLayout(t, opened, `${name} at ${width} pixels`);
    if (width === widths[0]) t.same(await seriousViolations(page, checked), [], `${name} is accessible`);
    if (width === widths[1]) await takeScreenshot(page, `${name}-${width}`);
  }
  t.same(takeProblems(), [], `${name}: nothing went wrong`);
};

/** Checks the same page in the dark and on paper; pictures of both and at all widths go to `screenshots/`. */
export const checkOtherLooks = async (t: Asserts, opened: OpenPage, name: string): Promise<void> => {
  const { page, takeProblems } = opened;
  for (const width of widths) {
    await atWidth(page, width);
    await takeScreenshot(page, `${name}-${width}`);
  }
  await atWidth(page, widths[1]);
  await page.emulateMedia({ colorScheme: 'dark' });
  t.same(await seriousViolations(page), [], `${name} is accessible in the dark`);
  await takeScreenshot(page, `${name}-dark`);
  await page.emulateMedia({ colorScheme: 'light', media: 'print' });
  t.same(await overflowing(page), [], `${name}: what is in boxes fits on paper`);
  t.same(await overlappingLabels(page), [], `${name}: no label lies over another on paper`);
  await takeScreenshot(page, `${name}-print`);
  t.same(takeProblems(), [], `${name}: nothing went wrong in the dark and on paper`);
};
