/**
 * Gradient checkpointing: less memory for more computing.
 */
import type { Tensor } from '@tensorflow/tfjs-core';
import { isTensor } from '../../data/leaf.js';
import { partsOf, refill } from '../../data/nest.js';
import { closing, isRecording, recomputed, tidy, unrecorded } from '../../engine/index.js';
import { type Handing, handsOn, passesOf } from '../program.js';
import { type Declared, definition, type Layer, type Methods, type Module, type Scope } from '../scope.js';

/** Runs a part of a method of the scope's module; where a gradient is recorded, unrecorded and again for the gradient. */
const checkpointed = <A extends readonly unknown[], B>(
  scope: Scope,
  inputs: A,
  run: (...inputs: A) => B,
): B => {
  if (!isRecording()) return run(...inputs);
  const part = () => unrecorded(() => tidy(() => run(...inputs)));
  const { output: closed, tensors, again } = passesOf(scope).rerunnable(() => closing(part));
  const { output, used } = closed;
  const given = partsOf(inputs, isTensor);
  const asked = [...given, ...tensors];
  const known = new Set<Tensor>(asked);
  const all = [...asked, ...used.filter((tensor) => !known.has(tensor))];
  const outputs = recomputed(partsOf(output, isTensor), all, (xs) => {
    const replaced = refill<A>(inputs, isTensor, xs.slice(0, given.length));
    return again(xs.slice(given.length, asked.length), () => partsOf(run(...replaced), isTensor));
  });
  return refill(output, isTensor, outputs);
};

/**
 * The same layer, whose intermediate results are not kept for the gradient but computed again in the backward pass: of
 * a stack of such layers, memory holds only the tensors between them, for one more forward pass. The layer's identity,
 * names, parameters, random keys, state and gradients stay the same, and gradients reach the tensors that it closes
 * over. Without a gradient nothing changes.
 * @example const tower = stack(24, () => remat(selfAttention()));
 * Source: arXiv:1604.06174; dm-haiku `hk.remat`.
 */
export const remat = <L extends Layer<never[], unknown>>(layer: L): L => {
  const run: Layer<unknown[], unknown> = (scope, ...inputs) =>
    checkpointed(scope, inputs, (...replaced) => layer(scope, ...(replaced as never[])));
  if (!(definition in layer || handsOn in layer)) return run as unknown as L;
  const change = (scope: Scope, declared: Declared<Methods>): unknown =>
    Object.defineProperties(
      (...inputs: never[]) => checkpointed(scope, inputs, declared),
      Object.getOwnPropertyDescriptors({ ...declared }),
    );
  const handing: Handing = { [handsOn]: { layer: layer as unknown as Module<Methods>, change } };
  const handed: Layer<unknown[], unknown> = (scope, ...inputs) => scope.declare(handed)(...inputs);
  return Object.assign(handed, handing) as unknown as L;
};
