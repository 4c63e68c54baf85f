/**
 * Colours for amounts from 0 to 1, perceptually even: lightness in OKLab rises by equal steps, from near black through
 * violet and orange to pale yellow.
 * Source: B. Ottosson, "A perceptual color space for image processing", 2020, for OKLab and its matrices.
 */

type Colour = readonly [red: number, green: number, blue: number];

const lightest = 0.95;
const darkest = 0.15;

/** From linear light to 8 bits of sRGB. Source: IEC 61966-2-1. */
const byte = (light: number): number => {
  const inside = Math.min(Math.max(light, 0), 1);
  return Math.round(255 * (inside <= 0.0031308 ? 12.92 * inside : 1.055 * inside ** (1 / 2.4) - 0.055));
};

/** sRGB of lightness, chroma and hue in degrees in OKLab. */
export const oklch = (lightness: number, chroma: number, hue: number): Colour => {
  const [a, b] = [Math.cos, Math.sin].map((f) => chroma * f((hue * Math.PI) / 180));
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    byte(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    byte(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    byte(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
};

/** The largest chroma of a hue at a lightness that screens show, roughly. */
const chroma = (amount: number): number =>
  0.03 + 0.16 * Math.sin(Math.PI * Math.min(1, 0.06 + 0.86 * amount));

const colourOf = (amount: number): Colour =>
  oklch(darkest + (lightest - darkest) * amount, chroma(amount), (285 + 175 * amount) % 360);

const steps = 256;
const table: readonly Colour[] = Array.from({ length: steps }, (_, i) => colourOf(i / (steps - 1)));

/** The colour of an amount from 0 to 1; what is beyond is as its nearest end. */
export const heat = (amount: number): Colour =>
  table[Math.round((steps - 1) * Math.min(Math.max(amount || 0, 0), 1))];
