/**
 * Figures as drawings write them: short, in units that people read.
 */
import type { Shape } from '../../data/array.js';
import { grouped } from '../../data/quantities.js';

const units = ['', ' k', ' M', ' G', ' T', ' P', ' E'];

/** A number to three digits with its unit: `12.3 M`, `590 k`, `64`. */
export const compact = (value: number): string => {
  let scaled = value;
  let unit = 0;
  // 999.5 would be written as 1000.
  while (Math.abs(scaled) >= 999.5 && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${Number(scaled.toPrecision(3)).toLocaleString('en-US')}${units[unit]}`;
};

/** A share from 0 to 1: `41 %`, `0.3 %`, `<0.1 %`. */
export const percent = (share: number): string => {
  const of100 = 100 * share;
  if (of100 > 0 && of100 < 0.1) return '<0.1 %';
  const digits = of100 >= 9.95 || of100 === 0 ? 0 : 1;
  return `${Number(of100.toFixed(digits))} %`;
};

/** `2,048 × 768` */
export const shapeText = (shape: Shape): string =>
  shape.length === 0 ? 'one number' : shape.map(grouped).join(' × ');
