/**
 * Pictures that the model never saw in training, beside its checkpoint. No preset imports this module, since bundlers
 * carry along every file that a module refers to.
 */

/** Pictures, their labels and the original's logits: an `.npz` of `images`, `labels`, `logits`. */
export const heldOutDigits = new URL('./digits-test.npz', import.meta.url);
