/**
 * Trees: what parameters, state and gradients are. Two levels, as in Haiku: module path, then leaf name. A leaf's
 * path is `module/leaf`. Plain records all the way, in the order in which modules first asked for their leaves.
 */
export type Tree<A> = { readonly [module: string]: { readonly [leaf: string]: A } };
