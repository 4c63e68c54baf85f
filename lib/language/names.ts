/** Haiku's spelling of the names of classes and methods in paths. */

/**
 * The module name that Haiku gives a class: `CamelCaseMLP2D` becomes `camel_case_mlp2_d`.
 * @example nameOfClass('SelfAttention') // 'self_attention'
 * Source: dm-haiku `utils.camel_to_snake`.
 */
export const nameOfClass = (className: string): string =>
  className.replace(/[a-z0-9](?=[A-Z])|.(?=[A-Z][a-z])/g, '$&_').toLowerCase();

/** Methods are named as JavaScript names them, paths as Python does: `decoderQuery` declares under `~decoder_query`. */
export const nameOfMethod = (method: string): string =>
  method.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
