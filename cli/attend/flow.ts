/** The attention of a flow model, beside its flow. */
import { flowPicture } from '../../presets/flow/run/colours.js';
import type { PresetsOf } from '../../presets/registry.js';
import { stitch, tiles } from '../../presets/flow/run/tiles.js';
import { type Picture } from '../../lib/media/picture.js';
import { showInputError } from '../../lib/data/inputError.js';
import { orFail, runOrFail } from '../failure.js';
import type { ModelNamed } from '../load.js';
import { below, beside, near } from '../../lib/media/compose.js';
import { colourBar, overlay } from '../../lib/media/overlay.js';
import { writePicture } from '../../lib/media/readPicture.js';
import type { Input } from '../inputs.js';
import { withProgress } from '../progress.js';
import { readInput } from './image.js';
import { look, type LookOptions, mostOf, rowOf } from './look.js';
import type { Shown } from './shown.js';

const aim = 640;

/** Side of the wheel, and the speed at its rim, in pixels. The speed is that of full colour. */
const [wheelSide, rim] = [97, 24];

/** The legend of a flow's colours: directions and speeds. */
export const colourWheel = (): Picture => {
  const middle = (wheelSide - 1) / 2;
  const flow = new Float32Array(2 * wheelSide ** 2);
  for (let i = 0; i < wheelSide ** 2; i++) {
    const [x, y] = [(i % wheelSide) - middle, Math.floor(i / wheelSide) - middle];
    const isInside = Math.hypot(x, y) <= middle;
    flow.set(isInside ? [(rim * x) / middle, (rim * y) / middle] : [0, 0], 2 * i);
  }
  return flowPicture(flow, { width: wheelSide, height: wheelSide });
};

/** Attention of a flow model over all tiles, as multiples of the even share, with the flow. */
export const attendFlow = async (
  model: ModelNamed<PresetsOf<'flow'>>,
  inputs: readonly Input[],
  options: LookOptions & { readonly out: string },
): Promise<Shown> => {
  const [first, second] = await Promise.all(inputs.map(readInput));
  const { output, maps } = await withProgress('tiles', (onProgress) =>
    look(model, { first, second }, { ...options, map: { ...options.map, onProgress } }),
  );
  const [height, width] = model.config.imageShape;
  const areas = orFail(showInputError)(tiles(first, { height, width }));
  const shares = await stitch(
    first,
    areas,
    (_, i) => rowOf(maps[i], 0).map((weight) => weight * width * height),
    1,
  );
  const shown = near(first, aim);
  const map = overlay(shown, { ...sizeOf(first), weights: shares });
  const legend = below([colourWheel(), colourBar(wheelSide, Math.max(1, shown.height - wheelSide - 8))]);
  const written = beside([shown, near(flowPicture(output.data, output), aim), map, legend]);
  await runOrFail(showInputError, writePicture(options.out, written));
  const most = mostOf(shares, 1);
  const line = `at most ${most.toFixed(2)} times an even share of a tile of ${height} × ${width}`;
  return {
    line,
    json: { layer: maps[0].layer.path, grid: [first.height, first.width], most, tiles: areas.length },
    lines: ['from the left: the first picture, its flow, where the encoder looks', line],
    layer: maps[0].layer,
  };
};

const sizeOf = ({ width, height }: Picture): { width: number; height: number } => ({ width, height });
