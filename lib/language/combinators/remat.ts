/**
 * Gradient checkpointing: less memory for more computing.
 */
import { isRecording, recomputed, tidy, unrecorded } from '../../engine/index.js';
import { isTensor } from '../../data/leaf.js';
import { partsOf, refill } from '../../data/nest.js';
import { module } from '../module.js';
import { type Definition, definition, type Layer, type Methods, type Module, type Scope } from '../scope.js';

/** Runs a part of a method of the scope's module, or, where a gradient is recorded, runs it unrecorded. */
const checkpointed = <A extends readonly unknown[], B>(
  scope: Scope,
  inputs: A,
  run: (...inputs: A) => B,
): B => {
  if (!isRecording()) return run(...inputs);
  const given = partsOf(inputs, isTensor);
  const { output, tensors, again } = scope.rerunnable(() => unrecorded(() => tidy(() => run(...inputs))));
  const outputs = recomputed(partsOf(output, isTensor), [...given, ...tensors], (all) => {
    const replaced = refill<A>(inputs, isTensor, all.slice(0, given.length));
    return again(all.slice(given.length), () => partsOf(run(...replaced), isTensor));
  });
  return refill(output, isTensor, outputs);
};

/**
 * The same layer, whose intermediate results are not kept for the gradient but computed again in the backward pass: of
 * a stack of such layers only what flows from one to the next is held, for one more forward pass. Names, parameters,
 * random keys, state and gradients are the layer's own; without a gradient nothing changes.
 * @example const tower = stack(24, () => remat(selfAttention()));
 * Source: arXiv:1604.06174; dm-haiku `hk.remat`.
 */
export const remat = <L extends Layer<never[], unknown>>(layer: L): L => {
  const made = (layer as unknown as Module<Methods>)[definition] as Definition<Methods> | undefined;
  const run: Layer<unknown[], unknown> = (scope, ...inputs) =>
    checkpointed(scope, inputs, (...replaced) => layer(scope, ...(replaced as never[])));
  if (!made) return run as unknown as L;
  const build = (scope: Scope): Methods => {
    const { call, ...others } = made.build(scope);
    return { ...others, call: (...inputs) => checkpointed(scope, inputs, call) };
  };
  return module(made.name, build, made) as unknown as L;
};
