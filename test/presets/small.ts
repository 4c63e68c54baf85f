/**
 * Every preset at a size that runs in milliseconds, with parameters that all matter, and inputs for it.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostArray } from '../../lib/data/array.js';
import { closeSizes } from '../../lib/graph/openSizes.js';
import type { Sizes } from '../../lib/graph/size.js';
import { mapNest } from '../../lib/data/nest.js';
import { isSpec } from '../../lib/language/outline.js';
import { foldIn, key, normal } from '../../lib/random/index.js';
import type { Tree } from '../../lib/data/tree.js';
import type { AnyModel, AnyPreset } from '../../presets/preset.js';
import { presets } from '../../presets/index.js';

/** A preset at small size. */
export const smallModel = (name: string): AnyModel => {
  const preset: AnyPreset = presets[name as keyof typeof presets];
  return preset(preset.small);
};

const moved = (tree: Tree<HostArray>, by: number): void =>
  Object.values(tree)
    .flatMap((leaves) => Object.values(leaves))
    .forEach(({ data, shape, dtype }, i) => {
      if (dtype !== 'float32') return;
      const noise = normal(foldIn(key(2), i), shape).data;
      for (let j = 0; j < noise.length; j++) (data as Float32Array)[j] += by * noise[j];
    });

/** Its parameters by seed, each leaf moved off its initial value; the published output layer of flow begins at zero. */
export const smallWeights = (model: AnyModel) => {
  const weights = model.init(key(1));
  moved(weights.params, 0.05);
  return weights;
};

/** Inputs of some sizes for a model: normal numbers; ids, points and masks are 0 or 1. */
export const smallInputs = (model: AnyModel, sizes: Sizes): readonly unknown[] => {
  let draws = 0;
  return mapNest(closeSizes(model.openInputs, sizes), isSpec, ({ shape, dtype }) => {
    const { data } = normal(foldIn(key(3), draws++), shape);
    return dtype === 'int32'
      ? tf.tensor(
          Int32Array.from(data, (value) => (value > 0 ? 1 : 0)),
          [...shape],
          'int32',
        )
      : tf.tensor(data, [...shape]);
  }) as readonly unknown[];
};
