/**
 * Pictures that the model never saw in training, beside its checkpoint. No preset imports this module, since bundlers
 * carry along every file that a module refers to.
 */

/** Pictures to make held-out pairs of: an `.npz` of `brick`, grey, and `coffee`, in colour. */
export const heldOutTextures = new URL('./textures-test.npz', import.meta.url);
