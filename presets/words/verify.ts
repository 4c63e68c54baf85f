/**
 * Texts that the model never saw in training, beside its checkpoint. No preset imports this module, since bundlers carry
 * along every file that a module refers to.
 */

/** Texts with blanks: an `.npz` of `inputs`, `mask`, `targets` and `weights`, 1 for each missing byte. */
export const heldOutWords = new URL('./words-test.npz', import.meta.url);
