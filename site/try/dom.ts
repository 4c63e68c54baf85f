/**
 * Elements of a page: found by their ids, made with their attributes. A policy forbids styles in attributes, so that
 * numbers that styles depend on are set as custom properties.
 */

/** The element with an id. @throws Error when the page has none such, of that kind */
export const byId = <E extends HTMLElement>(id: string, kind: new () => E): E => {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} '${id}'`);
  return found;
};

export interface Attributes {
  readonly [name: string]: string;
}

/** A new element. */
export const element = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
};

/** Sets a number that the stylesheet knows as `--name`. */
export const setNumber = (target: HTMLElement, name: string, value: number): void =>
  target.style.setProperty(`--${name}`, value.toFixed(4));

/** A probability as people read it. */
export const percent = (probability: number): string => {
  const hundredths = 100 * probability;
  if (hundredths > 0 && hundredths < 1) return '<\u202f1\u00a0%';
  return `${Math.round(hundredths)}\u00a0%`;
};

/**
 * Arrow keys go from element to element of a group, of which Tab reaches one.
 * @param columns  how many of them are in a row; Home and End lead to the first and the last
 */
export const roving = (
  elements: () => readonly HTMLElement[],
  columns: number,
): ((event: KeyboardEvent) => void) => {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columns,
    ArrowDown: columns,
    Home: -Infinity,
    End: Infinity,
  };
  return (event) => {
    if (!Object.hasOwn(steps, event.key)) return;
    const all = elements();
    const from = all.indexOf(event.target as HTMLElement);
    const step = steps[event.key];
    const to = Number.isFinite(step) ? from + step : step < 0 ? 0 : all.length - 1;
    event.preventDefault();
    if (from >= 0 && to >= 0 && to < all.length) focusOne(all, to);
  };
};

/** Makes one of a group the one that Tab reaches, without going there. */
export const reachable = (all: readonly HTMLElement[], index: number): void =>
  all.forEach((each, i) => (each.tabIndex = i === index ? 0 : -1));

/** Goes to one of a group. */
const focusOne = (all: readonly HTMLElement[], index: number): void => {
  reachable(all, index);
  all[index].focus();
};
