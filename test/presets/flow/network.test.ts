/** Parts of the flow network that the published one has not: an MLP of each pixel, and queries that are added. */
import t from 'tap';
import { float32, type HostArray, toFloat32 } from '../../../lib/data/array.js';
import type { Params } from '../../../lib/data/leaf.js';
import { mapWithPath } from '../../../lib/data/tree.js';
import { engine } from '../../../lib/engine/index.js';
import { foldIn, key, normal } from '../../../lib/random/index.js';
import { engineRunner } from '../../../lib/run/index.js';
import { flow } from '../../../presets/flow/preset.js';

const own = { pixelWidening: 2, useQueryResidual: true };
const images = normal(key(3), [1, 2, 8, 12, 3]);

/** Weights without zeros, except those of the MLP's last layer where they are asked for. */
const moved = (params: Params<HostArray>, isWithoutMlp: boolean): Params<HostArray> =>
  mapWithPath(params, (path, leaf) => {
    if (isWithoutMlp && path.startsWith('pixel_mlp/mlp/linear_1/'))
      return float32(leaf.shape, new Float32Array(leaf.data.length));
    const noise = normal(foldIn(key(4), path.length), leaf.shape).data;
    return float32(
      leaf.shape,
      toFloat32(leaf).map((value, i) => value + 0.1 * noise[i]),
    );
  }) as Params<HostArray>;

/** The flow of a model by the weights of one with all parts. */
const flowOf = async (changes: object, isWithoutMlp = false): Promise<number[]> => {
  const { params, state } = flow({ ...flow.small, ...own }).init(key(0));
  const { network } = flow({ ...flow.small, ...changes });
  await using runner = engineRunner({ params: moved(params, isWithoutMlp), state });
  const { data } = (await runner.run(network, [images])) as HostArray;
  return Array.from(data, Number);
};

t.test(
  'the MLP of each pixel has leaves of its own, and adds nothing where its last layer is 0',
  async (t) => {
    await engine({ threads: 1 });
    const paths = (changes: object) => Object.keys(flow({ ...flow.small, ...changes }).init(key(0)).params);
    const published = paths({});
    t.same(
      paths(own).filter((path) => !published.includes(path)),
      ['pixel_mlp/layer_norm', 'pixel_mlp/mlp/linear', 'pixel_mlp/mlp/linear_1'],
    );
    const without = await flowOf({ useQueryResidual: true });
    t.same(await flowOf(own, true), without);
    t.not(Math.max(...(await flowOf(own)).map((pixel, i) => Math.abs(pixel - without[i]))), 0);
  },
);

t.test('added queries change the flow', async (t) => {
  await engine({ threads: 1 });
  t.strictNotSame(await flowOf({ useQueryResidual: true }), await flowOf({}));
});
