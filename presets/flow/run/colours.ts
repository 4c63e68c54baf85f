/**
 * Pictures before and after optical flow: pixels in [-1, 1] for the network, and its flow as colours, where hue is the
 * direction and paleness is slowness.
 * Source: DeepMind's optical flow colab, `normalize` and `visualize_flow`.
 */
import { type Picture, pictureOf, pixelValues } from '../../../lib/media/picture.js';

/** The network's input from a picture, value / 255 · 2 − 1: [height, width, 3] float32. */
export const normalizeFlowImage = (picture: Picture): Float32Array =>
  pixelValues(picture, (value) => (value / 255) * 2 - 1);

/** The length of a flow, in pixels, that is drawn in full colour. Source: the colab. */
export const fullColour = 24;

const f = Math.fround;
const perRadian = 180 / Math.PI;

/** OpenCV's polynomial for arctan(x) in degrees, 0 <= x <= 1: x, x³, x⁵, x⁷. */
const arctan = [0.9997878412794807, -0.3258083974640975, 0.1555786518463281, -0.04432655554792128].map((p) =>
  f(f(p) * f(perRadian)),
);

/**
 * The angle of a vector in degrees, [0, 360), clockwise on a screen: OpenCV's approximation, off by 0.01 at most. The
 * exact angle would draw some pixels in the neighbouring hue.
 * Source: OpenCV's `fastAtan2`.
 */
export const fastAtan2 = (y: number, x: number): number => {
  const [across, down] = [Math.abs(x), Math.abs(y)];
  const [small, large] = [Math.min(across, down), Math.max(across, down)];
  const ratio = f(small / f(large + f(2 ** -52)));
  const square = f(ratio * ratio);
  const [p1, p3, p5, p7] = arctan;
  const cubed = f(f(f(p7 * square) + p5) * square);
  const flat = f(f(f(f(cubed + p3) * square) + p1) * ratio);
  const first = across >= down ? flat : f(90 - flat);
  const upper = x < 0 ? f(180 - first) : first;
  return y < 0 ? f(360 - upper) : upper;
};

/**
 * Blue, green and red in [0, 255] from a hue in [0, 180], a saturation in [0, 255] and full value, cut to whole numbers.
 * Source: OpenCV's `COLOR_HSV2BGR` for 8 bits.
 */
export const blueGreenRed = (hue: number, saturation: number): readonly [number, number, number] => {
  const [s, sextant] = [f(saturation * f(1 / 255)), f(hue * f(6 / 180))];
  const part = f(sextant - Math.floor(sextant));
  const level = (x: number) => Math.trunc(f(255 * f(x)));
  const [full, none, falling, rising] = [1, 1 - s, 1 - s * part, 1 - s * f(1 - part)].map(level);
  const colours = [
    [none, rising, full],
    [none, full, falling],
    [rising, full, none],
    [full, falling, none],
    [full, none, rising],
    [falling, none, full],
  ] as const;
  return colours[Math.floor(sextant) % 6];
};

/**
 * Flow as a picture: no flow is white, to the right is blue, down is green, to the left is yellow, up is rose. Blue,
 * green and red are swapped with red, green and blue, as in the colab. A flow that is not a number is drawn as none.
 *
 * @param flow  [height, width, 2]: pixels to the right, pixels down
 */
export const flowPicture = (
  flow: ArrayLike<number>,
  { width, height }: { readonly width: number; readonly height: number },
): Picture =>
  pictureOf(width, height, (x, y) => {
    const at = 2 * (y * width + x);
    const [right, down] = [f(flow[at]), f(flow[at + 1])];
    const angle = f(fastAtan2(down, right) * f(Math.PI / 180));
    const length = f(Math.sqrt(f(f(right * right) + f(down * down))));
    const hue = f(f(f(angle / f(Math.PI)) / 2) * 180);
    const saturation = Math.min(f(f(length * 255) / fullColour), 255);
    return blueGreenRed(whole(hue), whole(saturation));
  });

const whole = (x: number): number => Math.trunc(x) || 0;
