/** Diagrams and charts as the browser shows them: each text in its own box, and on nothing else. */
import type { Page } from 'playwright-core';

/**
 * Texts of a page's diagrams, at every level of detail, and of its charts that leave their box or lie on another one or on
 * another text. The level that was chosen before is chosen again after.
 * @returns how many texts were measured, and what is wrong, each with its level
 */
export const measureDrawings = (
  page: Page,
): Promise<{ readonly texts: number; readonly wrong: readonly string[] }> =>
  page.evaluate(() => {
    const slack = 1; // in pixels: letters have no sharp edges
    const lies = (a: DOMRect, b: DOMRect): boolean =>
      Math.min(a.right, b.right) - Math.max(a.left, b.left) > slack &&
      Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > slack;
    const isIn = (a: DOMRect, b: DOMRect): boolean =>
      a.left >= b.left - slack &&
      a.right <= b.right + slack &&
      a.top >= b.top - slack &&
      a.bottom <= b.bottom + slack;

    const measure = (svg: SVGSVGElement, level: string) => {
      const whole = svg.getBoundingClientRect();
      const boxes = Array.from(svg.querySelectorAll('[data-block], .bar')).map((block) => ({
        block,
        name: block.getAttribute('data-block') ?? 'a bar',
        box: (Array.from(block.querySelectorAll('rect')).at(-1) ?? block).getBoundingClientRect(),
      }));
      const frames = Array.from(svg.querySelectorAll('[data-group]')).map((frame) => ({
        frame,
        box: frame.querySelector('rect')!.getBoundingClientRect(),
      }));
      const texts = Array.from(svg.querySelectorAll('text')).map((element) => ({
        text: element.textContent ?? '',
        own: element.closest('[data-block]'),
        frame: element.closest('[data-group]'),
        box: element.getBoundingClientRect(),
      }));
      const wrong = texts.flatMap(({ text, own, frame, box }, i) => [
        ...(isIn(box, whole) ? [] : [`'${text}' leaves the picture`]),
        ...texts
          .slice(i + 1)
          .flatMap((other) => (lies(box, other.box) ? [`'${text}' and '${other.text}'`] : [])),
        ...boxes.flatMap((each) => {
          if (each.block === own) return isIn(box, each.box) ? [] : [`'${text}' leaves its box`];
          return lies(box, each.box) ? [`'${text}' lies on ${each.name}`] : [];
        }),
        ...frames.flatMap((each) =>
          each.frame === frame && !isIn(box, each.box) ? [`'${text}' leaves its frame`] : [],
        ),
      ]);
      const crossed = boxes.flatMap((a, i) =>
        boxes
          .slice(i + 1)
          .filter((b) => lies(a.box, b.box))
          .map((b) => `${a.name} lies on ${b.name}`),
      );
      return { texts: texts.length, wrong: [...wrong, ...crossed].map((each) => `${level}: ${each}`) };
    };

    const radios = Array.from(document.querySelectorAll<HTMLInputElement>('input[name="level"]'));
    const before = radios.find(({ checked }) => checked);
    const found = radios.map((radio) => {
      radio.click();
      const level = document.querySelector(`label[for="${radio.id}"]`)?.textContent ?? '';
      const shown = Array.from(document.querySelectorAll<SVGSVGElement>('.diagram svg')).filter(
        (svg) => svg.getBoundingClientRect().width > 0,
      );
      if (shown.length !== 1) return { texts: 0, wrong: [`${level}: ${shown.length} diagrams are shown`] };
      return measure(shown[0], level);
    });
    before?.click();
    for (const svg of Array.from(document.querySelectorAll<SVGSVGElement>('.chart svg')))
      found.push(measure(svg, svg.querySelector('title')?.textContent ?? 'a chart'));
    return {
      texts: found.reduce((total, { texts }) => total + texts, 0),
      wrong: found.flatMap(({ wrong }) => wrong),
    };
  });
