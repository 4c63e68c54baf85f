/** The curves of a run in the page: loss and held-out accuracy, drawn when they are seen, at the width of their place. */
import { plotRun } from '../../../lib/train/plotRun.js';
import type { PlainEvent } from './messages.js';

/** The part of an event, or of a log's line, that is drawn. */
interface Line {
  readonly kind: string;
  readonly step: number;
  readonly metrics?: { readonly loss: number };
  readonly raw?: Readonly<Record<string, number>>;
}

export interface Chart {
  /** Begins the curves anew. @param log  lines of JSON that they begin with */
  readonly begin: (numSteps: number, log?: string) => void;
  readonly add: (event: PlainEvent) => void;
}

/** Milliseconds between two drawings. */
const interval = 500;

const drawn = ({ kind, step, metrics, raw }: Line): string =>
  JSON.stringify({ kind, step, ...(metrics && { metrics: { loss: metrics.loss } }), ...(raw && { raw }) });

const isDrawn = ({ kind }: Line): boolean => kind === 'step' || kind === 'evaluated';

export const startChart = (place: HTMLElement): Chart => {
  let lines: string[] = [];
  let lastStep = 1;
  let last = -interval;
  const show = (): void => {
    if (document.visibilityState === 'hidden') return;
    const width = Math.round(place.clientWidth);
    const svg = width > 0 && plotRun(lines.join('\n'), { width, lastStep });
    if (!svg) return;
    last = performance.now();
    const { documentElement } = new DOMParser().parseFromString(svg, 'image/svg+xml');
    place.replaceChildren(document.importNode(documentElement, true));
  };
  document.addEventListener('visibilitychange', show);
  new ResizeObserver(show).observe(place);
  return {
    begin: (numSteps, log = '') => {
      lastStep = numSteps;
      const known = log.split('\n').filter((line) => line !== '');
      lines = known
        .map((line) => JSON.parse(line) as Line)
        .filter(isDrawn)
        .map(drawn);
      if (lines.length === 0) place.replaceChildren();
      show();
    },
    add: (event) => {
      if (isDrawn(event as Line)) lines.push(drawn(event as Line));
      const isDue = performance.now() - last >= interval;
      if (isDue || event.kind === 'evaluated' || event.kind === 'ended') show();
    },
  };
};
