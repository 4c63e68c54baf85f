/**
 * Progress on the error stream of a terminal: one line, which goes when the work ends or something is printed.
 */

/** Milliseconds between two drawings. */
const pause = 100;

/** Milliseconds before a bar takes the place of the label. */
const patience = 1000;

let isShown = false;

const draw = (text: string): void => {
  const line = [...text].slice(0, (process.stderr.columns || 80) - 1).join('');
  process.stderr.write(`\r\x1b[K${line}`);
  isShown = true;
};

/** Takes the line away, before something else is printed. */
export const eraseProgress = (): void => {
  if (isShown) process.stderr.write('\r\x1b[K');
  isShown = false;
};

/** A bar of 20 characters with its share and the time that is left. */
export const bar = (label: string, done: number, total: number, seconds: number): string => {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const full = Math.round(20 * share);
  const left = share > 0 ? `  ${Math.ceil((seconds * (1 - share)) / share)} s left` : '';
  return `${'█'.repeat(full)}${'░'.repeat(20 - full)} ${Math.floor(100 * share)} %${left}  ${label}`;
};

/** Runs work that may report its progress. Its label is shown at once, a bar after a second. */
export const withProgress = async <A>(
  label: string,
  work: (onProgress: (done: number, total: number) => void) => A | Promise<A>,
): Promise<A> => {
  if (!process.stderr.isTTY) return work(() => undefined);
  const start = Date.now();
  let last = start;
  draw(`${label} …`);
  const onProgress = (done: number, total: number): void => {
    const now = Date.now();
    if (now - start < patience || now - last < pause) return;
    last = now;
    draw(bar(label, done, total, (now - start) / 1000));
  };
  try {
    return await work(onProgress);
  } finally {
    eraseProgress();
  }
};
