/**
 * Everything that can be done with trees, as `renga/tree` and as `tree` of the main entry.
 */
export * from './tree.js';
export * from './treeArrays.js';
export * from './treeDifference.js';
