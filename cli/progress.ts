/**
 * Progress bars on the error stream of a terminal, for work of more than a second.
 */
import { Presets, SingleBar } from 'cli-progress';

/** Runs work that reports its progress. The bar appears after a second and goes when the work ends. */
export const withProgress = async <A>(
  label: string,
  work: (onProgress: (done: number, total: number) => void) => Promise<A>,
): Promise<A> => {
  const start = Date.now();
  let bar: SingleBar | undefined;
  const onProgress = (done: number, total: number): void => {
    if (!process.stderr.isTTY || (!bar && Date.now() - start < 1000)) return;
    if (!bar) {
      bar = new SingleBar(
        { format: `${label} {bar} {percentage} %`, clearOnComplete: true, stream: process.stderr },
        Presets.shades_classic,
      );
      bar.start(total, done);
    }
    bar.setTotal(total);
    bar.update(done);
  };
  try {
    return await work(onProgress);
  } finally {
    bar?.stop();
  }
};
