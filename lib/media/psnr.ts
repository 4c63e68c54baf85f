/** The peak signal-to-noise ratio of pictures. */
import type { Picture } from './picture.js';

/**
 * 10 · log10(255² / mean squared difference) of red, green and blue over all pictures, in decibels; infinite where
 * nothing differs.
 * @throws RangeError when there are not as many pixels on both sides
 */
export const psnr = (pictures: readonly Picture[], others: readonly Picture[]): number => {
  let [sum, count] = [0, 0];
  pictures.forEach(({ data }, i) => {
    const other = others[i]?.data ?? [];
    if (other.length !== data.length)
      throw new RangeError(`picture ${i} has ${other.length} bytes of pixels, not ${data.length}`);
    for (let at = 0; at < data.length; at++) {
      if (at % 4 === 3) continue;
      sum += (data[at] - other[at]) ** 2;
      count++;
    }
  });
  return 10 * Math.log10(255 ** 2 / (sum / count));
};
