/**
 * What the small trained models never saw in training, in the package beside their checkpoints. Not among the presets'
 * exports: bundlers carry along every file that a module refers to.
 */

/** Pictures, their labels and the original's logits: an `.npz` of `images`, `labels`, `logits`. */
export const heldOutDigits = new URL('./digits/digits-test.npz', import.meta.url);

/** Texts with blanks: an `.npz` of `inputs`, `mask`, `targets` and `weights`, 1 where a byte is missing. */
export const heldOutWords = new URL('./language/words-test.npz', import.meta.url);
