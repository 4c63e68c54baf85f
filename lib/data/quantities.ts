/** Numbers as text: grouped by thousands, with units, as shares. */

/** A number with commas: `201,108,230`. */
export const grouped = (n: number): string => n.toLocaleString('en-US');

const byThousands = (n: number, units: readonly string[]): string => {
  const power = n < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(n) / 3));
  return `${power ? (n / 1000 ** power).toFixed(1) : n} ${units[power]}`.trimEnd();
};

/** Bytes by thousands: `804.4 MB`. */
export const showBytes = (bytes: number): string => byThousands(bytes, ['B', 'kB', 'MB', 'GB', 'TB']);

/** Operations by thousands: `120.9 GFLOP`. */
export const showFlops = (flops: number): string =>
  byThousands(flops, ['FLOP', 'kFLOP', 'MFLOP', 'GFLOP', 'TFLOP', 'PFLOP']);

/** A count by thousands: `201.1 M`. */
export const showCount = (n: number): string => byThousands(n, ['', 'k', 'M', 'G', 'T']);

/** A share of a whole, 0 to 1: `97.8 %`; shares above 0 and below 0.05 % are `< 0.1 %`. */
export const showShare = (share: number): string =>
  share > 0 && share < 0.0005 ? '< 0.1 %' : `${(100 * share).toFixed(1)} %`;
