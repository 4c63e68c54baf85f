/** Numbers as text: grouped by thousands, with units, as shares. */

/** A number with commas: `201,108,230`. */
export const grouped = (n: number): string => n.toLocaleString('en-US');

/** A number of things, the noun in its number: `1 frame`, `1,437 pictures`, `2 classes` with the plural `classes`. */
export const counted = (n: number, noun: string, plural = `${noun}s`): string =>
  `${grouped(n)} ${n === 1 ? noun : plural}`;

const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** To a tenth, with a prefix above a thousand: 999.96 k is 1.0 M. */
const byThousands = (n: number, unit: string): string => {
  let [scaled, power] = [n, 0];
  while (Math.abs(scaled) >= 999.95 && power < prefixes.length - 1) {
    scaled /= 1000;
    power++;
  }
  return `${power ? scaled.toFixed(1) : n} ${prefixes[power]}${unit}`.trimEnd();
};

/** Bytes by thousands: `804.4 MB`. */
export const showBytes = (bytes: number): string => byThousands(bytes, 'B');

/** Operations by thousands: `120.9 GFLOP`. */
export const showFlops = (flops: number): string => byThousands(flops, 'FLOP');

/** A count by thousands: `201.1 M`. */
export const showCount = (n: number): string => byThousands(n, '');

/** A share of a whole, 0 to 1: `97.8 %`; shares above 0 and below 0.05 % are `< 0.1 %`. */
export const showShare = (share: number): string =>
  share > 0 && share < 0.0005 ? '< 0.1 %' : `${(100 * share).toFixed(1)} %`;

/** Three digits and a unit: `1.20 s`, `593 ms`. */
export const showSeconds = (seconds: number): string => {
  if (seconds >= 1) return `${seconds.toPrecision(3)} s`;
  return seconds >= 1e-3 ? `${(seconds * 1e3).toPrecision(3)} ms` : `${(seconds * 1e6).toPrecision(3)} µs`;
};

/** A number of times: `1.46 ×`; empty for null. */
export const showRatio = (ratio: number | null): string =>
  ratio === null ? '' : `${ratio >= 100 ? ratio.toFixed(0) : ratio.toPrecision(3)} ×`;

/** A time for a person, rounded up: `12 s`, `41 min`, `3 h 5 min`, `51 d 9 h`. */
export const showDuration = (seconds: number): string => {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48
    ? `${hours} h ${minutes % 60} min`
    : `${grouped(Math.floor(hours / 24))} d ${hours % 24} h`;
};
